"""The closed lists of English words by which reported speech and those who speak are told."""

import re


def wordlist(listed: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(listed.split())


def _regular(bases: str) -> dict[str, str]:
    """The forms of regular verbs ("deny denies denied denying"), each with its first form."""
    forms: dict[str, str] = {}
    for base in bases.split():
        stem = base.removesuffix("e") if not base.endswith("ee") else base
        past = (
            f"{base[:-1]}ied" if re.search(r"[^aeiou]y\Z", base) else f"{base.removesuffix('e')}ed"
        )
        third = past[:-1] + "s" if past.endswith("ied") else base + "s"
        third = base + "es" if base.endswith(("sh", "ss", "ch", "x")) else third
        forms |= dict.fromkeys((base, third, past, stem + "ing"), base)
    return forms


def _irregular(*verbs: str) -> dict[str, str]:
    """The forms of verbs that are written "say says said saying", each with its first form."""
    return {form: verb.split()[0] for verb in verbs for form in verb.split()}


_SPEECH = {
    **_regular(
        "acknowledge add affirm agree allege announce answer argue ask assert assure caution"
        " claim comment complain concede conclude confirm contend counter decide declare demand"
        " deny disclose emphasise emphasize estimate explain indicate inform insist instruct"
        " intend joke lament maintain mention note observe offer order pledge post predict"
        " promise propose recall recommend refuse reiterate remark remind repeat reply report"
        " respond reveal rule show state stress suggest testify threaten tweet urge vow warn"
        " underline underscore reaffirm stipulate clarify advise"
    ),
    **_irregular(
        "say says said saying",
        "tell tells told telling",
        "write writes wrote writing",
        "find finds found finding",
        "swear swears swore swearing",
        "admit admits admitted admitting",
        "quip quips quipped quipping",
    ),
}
_JUDGEMENT = {
    **_regular(
        "accuse blame brand call condemn criticise criticize deem denounce describe dismiss dispute"
        " hail praise reject"
    ),
    **_irregular("label labels labelled labeled labelling labeling", "dub dubs dubbed dubbing"),
}
_THOUGHT = {
    **_regular("believe doubt expect fear hope project worry"),
    **_irregular("think thinks thought thinking", "forecast forecasts forecasting"),
}
_MANNER = {
    **_regular(
        "boast chuckle confide continue cry enthuse exclaim grumble interject laugh murmur mutter"
        " muse plead protest recount retort roar scoff shout sigh smile sneer whisper"
    ),
    **_irregular("shrug shrugs shrugged shrugging", "snap snaps snapped snapping", "read reads"),
}
MANNER = frozenset(_MANNER.values())
"""What reports only where a quotation stands beside it."""
REPORTING = {**_SPEECH, **_JUDGEMENT, **_THOUGHT, **_MANNER}
"""Each form of a verb that reports speech or thought, with its base form."""
PHRASES = {
    "point out": ("pointed out", "points out", "point out", "pointing out"),
    "call for": ("called for", "calls for", "calling for"),
    "call on": ("called on", "calls on", "calling on"),
    "make clear": ("made it clear", "makes it clear", "made clear", "making it clear"),
    "say": ("would say only",),
    "put": ("put it", "puts it"),
    "quote": ("quoting her", "quoting him", "quoting them"),
}
_GIVEN = (
    r"(?:gave|gives?|giving|issu(?:ed|es|ing)|express(?:ed|es|ing)|voic(?:ed|es|ing)|ma(?:de|kes|king))"
    r"\s(?:(?:an?|the|his|her|its|their)\s)?(?:[a-z]{1,20}\s)?"
    r"(?:assurance|warning|hope|concern|fear|confidence|promise|pledge|claim|view|belief|doubt"
    r"|conviction|regret|allegation)s?(?=\sthat\b)"
)
"""A noun that reports, with its verb: "gave an assurance that"."""
MARKS = "“”„‟\"«»‹›「」『』‘’‚'"
_UNLISTED = rf"(?<=[{MARKS}] )[a-z]{{3,14}}(?:ed|s)(?= (?:Mr |Mrs |Ms |Dr )?[A-Z][a-z])"
"""Any verb between a quotation and a name: "...," scoffs Anna Ek."""
_FORMS = [form for forms in PHRASES.values() for form in forms]
VERB = re.compile(
    r"(?<![\w-])(?!state (?:media|tv|television|radio|broadcaster|news|agency|officials)\b)"
    rf"(?:{_GIVEN}|{_UNLISTED}|"
    + "|".join((*_FORMS, *sorted(REPORTING, key=len, reverse=True)))
    + r")\b"
)
BARE = frozenset(REPORTING.values()) | {form for form in REPORTING if form.endswith("s")}
"""Forms that may be nouns as well, or follow "to" and "will"."""
JUDGEMENT = frozenset(_JUDGEMENT)
WITH_ADDRESSEE = frozenset(
    {"tell", "ask", "urge", "warn", "order", "instruct", "remind", "promise", "assure", "inform"}
)
NOUN_MARKS = wordlist(
    "a an the this that these those its his her their our my your no any some each every of"
    " in on about over amid for with by and or new more such his latest first"
    " recent formal official opening"
)
SPEECH_NOUN = re.compile(
    r"(?<![\w-])(?P<who>(?:[A-Z][\w-]*[ ]){0,3}[A-Z][\w-]*)(?:’s?|'s?)[ ]"
    r"(?P<cue>accusations?|claims?|allegations?"
    r"|warnings?|assertions?|announcements?|pledges?|promises?|threats?|suggestions?|predictions?"
    r"|insistence|denials?|complaints?)[ ](?:that|of)\b"
)
TITLES = wordlist(
    "comrade mr mrs ms miss mx dr prof professor sir dame lord lady president vice-president vice"
    " premier minister prime deputy foreign defence defense interior finance energy justice"
    " health secretary general secretary-general secretary-designate chancellor chairman"
    " chairwoman chair chairperson director director-general commissioner governor mayor"
    " senator representative congressman congresswoman mp judge justice king queen prince"
    " princess emperor sheikh ayatollah pope cardinal bishop archbishop rabbi imam ambassador"
    " envoy delegate spokesman spokeswoman spokesperson colonel captain major lieutenant"
    " brigadier admiral marshal sergeant commander officer inspector chief acting former"
    " leader speaker premier attorney solicitor treasurer comptroller grand first second"
    " special under-secretary undersecretary assistant senior analyst economist supreme state"
)
PERSONS = TITLES | wordlist(
    "official head diplomat negotiator lawyer lawmaker resident worker farmer witness source"
    " survivor journalist reporter activist expert scientist researcher teacher doctor nurse"
    " fisherman villager mother father aide adviser advisor critic member colleague relative"
    " neighbour neighbor soldier driver trader man woman person"
)
"""Those to whom "he" and "she" may go back though they are not named."""
ABBREVIATED = "(?:Mr|Mrs|Ms|Dr|Prof|Gen|Sen|Rep|Gov|Col|Lt|Sgt|Capt|St|Jr|Sr)"
"""Titles that are printed with a full stop."""
WRITINGS = wordlist(
    "forecast forecasts report reports statement figures estimate estimates account data website"
    " words projections calculations letter survey study paper bulletin note poll polls document"
)
"""What speaks for somebody, who is its source where it is told whose it is."""
ORGANISATION = wordlist(
    "agency ministry bank league institute association council party committee university"
    " department forum press court union commission office centre center group company"
    " corporation treasury police army government parliament organisation organization fund"
    " authority board bureau federation nations news radio television times post media agency"
    " cabinet senate congress assembly house society foundation network service observatory"
    " chamber tribunal alliance coalition front movement brigade guard navy forces regulator"
    " operator inc ltd plc gmbh"
)
GATHERINGS = wordlist("meeting summit conference session plenum panel talks hearing")
"""What may decide and declare something as a body does."""
PRONOUNS = wordlist("he she they it we i you who which")
CUTS = wordlist(
    "of for at in on from with by to about into over under near briefed seen close familiar"
    " based speaking working responsible that who which whose whom where when involved named"
    " quoted cited leading heading representing among between outside inside within as against"
    " during"
)
"""Words with which what follows a noun begins."""
DETERMINERS = wordlist("a an the this that these those its his her their our my your")
QUANTIFIERS = wordlist(
    "some several many most two three four five six few both other another one all any no"
    " certain numerous various same"
)
ADVERBS = wordlist(
    "also later then again repeatedly reportedly has have had already earlier even never"
    " often once still just only both all since did do does further separately meanwhile"
    " however nevertheless moreover today yesterday too now was were is are be been being"
    " always simply so not nonetheless additionally simultaneously finally thus therefore"
    " instead first previously can could did does would so far himself herself itself themselves"
    " likes like to"
)
LEADS = wordlist(
    "amid despite after before while as but and or yet so if when what why how where because"
    " although though since during under according unlike nor even there here thank thanks"
    " good on in at for by from with to let please according not"
)
"""Words with which sentences begin, and no name."""
PARTICLES = wordlist("al el de del della di da van von der den bin ibn ben la le du dos st")
