"""The closed lists of English words by which reported speech and those who speak are told."""

import re


def wordlist(listed: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(listed.split())


def _forms(*verbs: str) -> dict[str, str]:
    """The forms of verbs that are written "say says said saying", each with its first form."""
    return {form: verb.split()[0] for verb in verbs for form in verb.split()}


_SPEECH = _forms(
    "say says said saying",
    "tell tells told telling",
    "add adds added adding",
    "announce announces announced announcing",
    "argue argues argued arguing",
    "assert asserts asserted asserting",
    "claim claims claimed claiming",
    "confirm confirms confirmed confirming",
    "concede concedes conceded conceding",
    "conclude concludes concluded concluding",
    "declare declares declared declaring",
    "deny denies denied denying",
    "disclose discloses disclosed disclosing",
    "emphasise emphasises emphasised emphasising",
    "emphasize emphasizes emphasized emphasizing",
    "explain explains explained explaining",
    "insist insists insisted insisting",
    "maintain maintains maintained maintaining",
    "mention mentions mentioned mentioning",
    "note notes noted noting",
    "observe observes observed observing",
    "predict predicts predicted predicting",
    "promise promises promised promising",
    "pledge pledges pledged pledging",
    "propose proposes proposed proposing",
    "recall recalls recalled recalling",
    "recommend recommends recommended recommending",
    "reiterate reiterates reiterated reiterating",
    "remark remarks remarked remarking",
    "repeat repeats repeated repeating",
    "reply replies replied replying",
    "report reports reported reporting",
    "respond responds responded responding",
    "reveal reveals revealed revealing",
    "state states stated stating",
    "stress stresses stressed stressing",
    "suggest suggests suggested suggesting",
    "testify testifies testified testifying",
    "vow vows vowed vowing",
    "warn warns warned warning",
    "caution cautions cautioned cautioning",
    "write writes wrote writing",
    "acknowledge acknowledges acknowledged acknowledging",
    "admit admits admitted admitting",
    "affirm affirms affirmed affirming",
    "allege alleges alleged alleging",
    "complain complains complained complaining",
    "contend contends contended contending",
    "estimate estimates estimated estimating",
    "indicate indicates indicated indicating",
    "quip quips quipped quipping",
    "joke jokes joked joking",
    "counter counters countered countering",
    "agree agrees agreed agreeing",
    "swear swears swore swearing",
    "threaten threatens threatened threatening",
    "demand demands demanded demanding",
    "ask asks asked asking",
    "urge urges urged urging",
    "order orders ordered ordering",
    "instruct instructs instructed instructing",
    "decide decides decided deciding",
    "intend intends intended intending",
    "find finds found finding",
    "show shows showed showing",
    "refuse refuses refused refusing",
    "offer offers offered offering",
    "rule rules ruled ruling",
    "tweet tweets tweeted tweeting",
    "post posts posted posting",
)
_JUDGEMENT = _forms(
    "accuse accuses accused accusing",
    "blame blames blamed blaming",
    "criticise criticises criticised criticising",
    "criticize criticizes criticized criticizing",
    "condemn condemns condemned condemning",
    "dismiss dismisses dismissed dismissing",
    "reject rejects rejected rejecting",
    "dispute disputes disputed disputing",
    "call calls called calling",
    "describe describes described describing",
    "deem deems deemed deeming",
    "label labels labelled labeled labelling labeling",
    "dub dubs dubbed dubbing",
    "brand brands branded branding",
    "praise praises praised praising",
    "hail hails hailed hailing",
    "denounce denounces denounced denouncing",
)
_THOUGHT = _forms(
    "expect expects expected expecting",
    "believe believes believed believing",
    "doubt doubts doubted doubting",
    "fear fears feared fearing",
    "hope hopes hoped hoping",
    "think thinks thought thinking",
    "forecast forecasts forecasting",
    "project projects projected projecting",
)
REPORTING = {**_SPEECH, **_JUDGEMENT, **_THOUGHT}
"""Each form of a verb that reports speech or thought, with its base form."""
PHRASES = {
    "point out": ("pointed out", "points out", "point out", "pointing out"),
    "call for": ("called for", "calls for", "calling for"),
    "call on": ("called on", "calls on", "calling on"),
    "make clear": ("made it clear", "makes it clear", "made clear", "making it clear"),
    "put": ("put it", "puts it"),
    "quote": ("quoting her", "quoting him", "quoting them"),
}
_FORMS = [form for forms in PHRASES.values() for form in forms]
VERB = re.compile(
    r"\b(?:" + "|".join((*_FORMS, *sorted(REPORTING, key=len, reverse=True))) + r")\b"
)
BARE = frozenset(REPORTING.values()) | {form for form in REPORTING if form.endswith("s")}
"""Forms that may be nouns as well, or follow "to" and "will"."""
JUDGEMENT = frozenset(_JUDGEMENT)
WITH_ADDRESSEE = frozenset(
    {"tell", "ask", "urge", "warn", "order", "instruct", "remind", "promise"}
)
NOUN_MARKS = wordlist(
    "a an the this that these those its his her their our my your no any some each every of"
    " in for with by and or new more such his latest first recent formal official opening"
)
SPEECH_NOUN = re.compile(
    r"(?<![\w-])(?P<who>(?:[A-Z][\w-]*[ ]){0,3}[A-Z][\w-]*)(?:’s?|'s?)[ ]"
    r"(?P<cue>accusations?|claims?|allegations?"
    r"|warnings?|assertions?|announcements?|pledges?|promises?|threats?|suggestions?|predictions?"
    r"|insistence|denials?|complaints?)[ ](?:that|of)\b"
)
TITLES = wordlist(
    "mr mrs ms miss mx dr prof professor sir dame lord lady president vice-president vice"
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
ORGANISATION = wordlist(
    "agency ministry bank league institute association council party committee university"
    " department forum press court union commission office centre center group company"
    " corporation treasury police army government parliament organisation organization fund"
    " authority board bureau federation nations news radio television times post media agency"
    " cabinet senate congress assembly house society foundation network service observatory"
    " chamber tribunal alliance coalition front movement brigade guard navy forces regulator"
    " operator inc ltd plc gmbh"
)
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
    " certain numerous various"
)
ADVERBS = wordlist(
    "also later then again repeatedly reportedly has have had already earlier even never"
    " often once still just only both all since did do does further separately meanwhile"
    " however nevertheless moreover today yesterday too now was were is are be been being"
    " always simply so not nonetheless additionally simultaneously finally thus therefore"
    " instead first previously so far himself herself itself themselves likes like to"
)
LEADS = wordlist(
    "amid despite after before while as but and or yet so if when what why how where because"
    " although though since during under according unlike nor even there here thank thanks"
    " good on in at for by from with to let please according not"
)
"""Words with which sentences begin, and no name."""
PARTICLES = wordlist("al el de del della di da van von der den bin ibn ben la le du dos st")
