"""Commands that write curated files; how they are called is in ``arguments``."""

import argparse
from collections.abc import Callable
from pathlib import Path

from schemas.patterns import CLAIM_ID
from schemas.records.change import CLAIM, CURATED, RecordKey
from schemas.records.dataset import DESCRIPTION
from service.cli import history, terminal
from service.compiler.pending import EditRefused
from service.config import Config
from service.curation.workbench.deciding.clashes import ClashChoices
from service.curation.workbench.revising import DIRECTORY, leave
from service.curation.workbench.wording import names_of
from service.curation.writers import documents, from_reading, merging, records, relocating, starting
from service.curation.writers.proving import Proving
from service.curation.writers.session import Session

_FromWorkbench = Callable[[Session, RecordKey, Path, Proving], str | None]
"""Writes what became of a claim in the workbench; gives the id of a new one."""
ON_A_PAGE = tuple(kind for kind in CURATED if kind not in (CLAIM, "document"))
"""The kinds of record that are made on a page of their own."""
DOCUMENTS = "documents"
"""The directory in that of the data set in which documents are looked for if none is named."""


def init(options: argparse.Namespace) -> int:
    """init: makes a data set without records."""
    names = ("id", "title", "description", "publisher", "contact", "licence", "attribution")
    about = {name: getattr(options, name) for name in names}
    starting.init(options.directory, {**about, "languages": options.language})
    print(f"{options.directory} is a data set now; {DESCRIPTION} describes it")
    return 0


def add_document(options: argparse.Namespace) -> int:
    """add-document: writes the record of a document, with hash, length and publisher."""
    published = {"edtf": options.published, "basis": options.basis, "note": options.note}
    names = ("title", "publisher", "language", "url", "dateline")
    about = documents.DocumentDescription(
        published, **{name: getattr(options, name) for name in names}
    )
    found = " and ".join(documents.peculiarities(documents.read_text(options.file)))
    with _session(options) as session:
        if found and options.normalise:
            path, identifier = documents.add_normalised(session, options.file, about)
            said = f"{path} has the text without {found}; it is the document"
        else:
            identifier = documents.add_document(session, options.file, about)
            said = f"{options.file} has {found}, and is recorded as it stands"
            said += "; --normalise makes a copy without"
    if found:
        terminal.err.print(terminal.safe(said), soft_wrap=True)
    print(identifier)
    return 0


def add(options: argparse.Namespace) -> int:
    """add: writes the claims of a reading, the records of a file, or one that is made on a page;
    and the changes with them.
    """
    if options.reading is None and options.source is None and options.kind in ON_A_PAGE:
        return _on_a_page(options, _proving(options))
    if (options.reading is None) == (options.source is None):
        raise EditRefused(
            "add takes a reading, --from FILE, or --kind for a page on which a record is made"
        )
    with _session(options) as session:
        proving = _proving(options)
        if options.reading is not None:
            done = from_reading.add_reading(session, options.reading, proving, options.make_agents)
        else:
            done = records.add_records(session, options.kind or CLAIM, options.source, proving)
    for note in done.notes:
        terminal.err.print(terminal.safe(note), soft_wrap=True)
    for identifier in done.ids:
        print(identifier)
    count = f"{len(done.ids)} record(s) added to {options.fixtures}"
    terminal.err.print(count, soft_wrap=True)
    return 0


def revise(options: argparse.Namespace) -> int:
    """revise: puts what a file says into a record (a key that is null there is taken out), or what
    is made of it in the workbench.
    """
    if options.source is None:
        return _in_workbench(options, from_reading.revise_by)
    with _session(options) as session:
        key = _key(session, options.id, options.kind)
        records.revise(session, key, options.source, _proving(options))
        return _written(session, options)


def withdraw(options: argparse.Namespace) -> int:
    """withdraw: takes a record out for good; its id answers 410 from then on. Without a reason
    the record is shown on a page, which asks for one.
    """
    if options.reason is None:
        return _on_a_page(options, Proving(Path()))
    with _session(options) as session:
        records.withdraw(session, _key(session, options.id, options.kind))
        return _written(session, options)


def supersede(options: argparse.Namespace) -> int:
    """supersede: takes a record out in favour of another, to which its id leads from then on: one
    that is there, one of a file, or what is made of it in the workbench.
    """
    if options.by is None and options.source is None:
        return _in_workbench(options, from_reading.supersede_by)
    with _session(options) as session:
        key = _key(session, options.id, options.kind)
        heir = options.by or options.source
        print(records.supersede(session, key, heir, _proving(options)))
        return _written(session, options)


def merge(options: argparse.Namespace) -> int:
    """merge: brings in the records, changes and readings of another data set."""
    chosen = _chosen(options) if options.choose else None
    choices = chosen.choices if chosen else merging.NONE
    with _session(options) as session:
        merged = merging.merge(session, options.other, options.keep_ours, choices)
        print(f"{merged.records} record(s) and {merged.readings} reading(s) came")
        status = _written(session, options)
    if chosen is not None:
        leave(chosen.path)
    return status


def _chosen(options: argparse.Namespace) -> ClashChoices | None:
    """What was chosen of each clash of a merge, on a page; ``None`` where nothing clashes."""
    from service.cli.curators.workbench import choose

    with _session(options) as session:
        clashes = merging.clashes_of(session, options.other)
        name = f"merge.{options.other.resolve().name}.json"
        path = session.directory / DIRECTORY / name
        made = ClashChoices(path, clashes, names_of(session.fixtures))
    if not clashes:
        return None
    choose(made)
    return made


def relocate(options: argparse.Namespace) -> int:
    """relocate: adds the changed text of a document as a new one, and moves the claims whose
    passages still stand in it.
    """
    with _session(options) as session:
        done = relocating.relocate(session, options.document, options.file, _proving(options))
        print(done.document)
        for claim, reason in done.left.items():
            print(f"{claim} rests on {options.document} as before: {reason}")
        return _written(session, options)


def _in_workbench(options: argparse.Namespace, write: _FromWorkbench) -> int:
    """Opens a claim in the workbench until that is stopped, and writes what became of it there; a
    record of a vocabulary has a page of its own.
    """
    from service.cli.curators.workbench import edit_claim  # which takes its options from here

    directory = data_set(options)
    if not CLAIM_ID.fullmatch(options.id) or options.kind not in (None, CLAIM):
        return _on_a_page(options, _proving(options))
    proving = _proving(options)
    path = edit_claim(directory, options.id, proving.documents)
    with _session(options) as session:
        by = write(session, RecordKey(CLAIM, options.id), path, proving)
        if by is not None:
            print(by)
        status = _written(session, options)
    leave(path)
    return status


def _on_a_page(options: argparse.Namespace, proving: Proving) -> int:
    """Opens the page of a record, which writes what is to become of it."""
    from service.cli.curators.workbench import edit_record
    from service.curation.workbench.records.page import NEW, RecordTask, open_record

    with _session(options) as session:
        what = options.command.__name__
        made = RecordKey(options.kind, NEW)
        key = made if what == "add" else _key(session, options.id, options.kind)
        task = RecordTask(key, what, options.reason)
        page, lock = open_record(session, task, proving)
    edit_record(page, lock)
    count, by = page.outcome or (0, None)
    if by is not None:
        print(by)
    return _count(count, options)


def _written(session: Session, options: argparse.Namespace) -> int:
    return _count(len(session.added["changes"]), options)


def _count(count: int, options: argparse.Namespace) -> int:
    terminal.err.print(f"{count} change(s) written to {options.fixtures}", soft_wrap=True)
    return 0


def _session(options: argparse.Namespace) -> Session:
    directory = data_set(options)
    return Session(directory, history.occurrence(getattr(options, "reason", None)))


def data_set(options: argparse.Namespace) -> Path:
    """The data set that was named, the exported one, or the one in the current directory."""
    here = Path() if Path("claims.json").exists() or Path("claims.ndjson").exists() else None
    options.fixtures = options.fixtures or Config.from_env().fixtures or here
    if options.fixtures is None:
        raise EditRefused("which data set? Name its directory with --fixtures DIR")
    directory: Path = options.fixtures
    if not directory.is_dir():
        reason = "there is no such directory: policy-claims init makes a data set"
        raise EditRefused(f"{directory}: {reason}")
    return directory


def _proving(options: argparse.Namespace) -> Proving:
    directory = options.documents or options.fixtures / DOCUMENTS
    return Proving(directory, dict(options.accept))


def _key(session: Session, identifier: str, kind: str | None) -> RecordKey:
    """The record of an id, whose kind is asked for only where two have it."""
    kinds = [kind] if kind else [*CURATED]
    keys = [RecordKey(each, identifier) for each in kinds]
    found = [key for key in keys if session.has(key)]
    gone = [key for key in keys if session.retired(key)]
    if len(found) > 1:
        which = " or ".join(f"--kind {key.kind}" for key in found)
        raise EditRefused(f"{identifier} is the id of several records: say {which}")
    if not found:
        said = "was retired" if gone else "is the id of no record"
        raise EditRefused(f"{identifier} {said}")
    return found[0]
