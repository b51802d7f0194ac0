"""Which rubrics a check looks at: folders, files and names, and what is found in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from judge.errors import InputError
from judge.report.rubric_lint import LintReport, LintRubric
from judge.report.rubric_lint import checked as linted
from judge.rubric_files import check_rubrics, list_rubrics, read_rubric, rubric_path
from judge.rubric_lint import lint


def checked(targets: Sequence[str], search: Sequence[Path]) -> LintReport:
    """The check of these folders, files and names; a name is looked for in the search path.

    Raises InputError where a folder is not there or holds no rubric.
    """
    errors: list[str] = []
    found: list[LintRubric] = []
    for target in targets:
        if _is_folder(target):
            errors += _of_folder(Path(target))
            found += _lint_folder(Path(target))
        else:
            try:
                found.append(_lint(target, search))
            except InputError as error:
                errors.append(str(error))
    return LintReport(rubrics=_once(found), errors=list(dict.fromkeys(errors)))


def _is_folder(target: str) -> bool:
    """What is no file and no bare name is a folder, whether it is there or not."""
    path = Path(target)
    return path.is_dir() or (target != path.name and path.suffix != ".toml")


def _of_folder(folder: Path) -> tuple[str, ...]:
    if folder.is_file():
        raise InputError(f"{folder}: is a file and no rubric; rubrics are .toml files")
    if own := sorted(folder.glob("v*.toml")):
        raise InputError(
            f"{folder}: is the folder of one rubric; name {own[-1]}, or the folder that it stands in"
        )
    problems = check_rubrics(folder)
    if not problems and not list_rubrics([folder]):
        raise InputError(f"{folder}: holds no rubric; they are <name>/v<N>.toml in it")
    return problems


def _lint_folder(folder: Path) -> Iterator[LintRubric]:
    for file in list_rubrics([folder]):
        try:
            yield _lint(str(file.path), ())
        except InputError:
            continue  # the check of the folder says why


def _lint(name: str, search: Sequence[Path]) -> LintRubric:
    rubric = read_rubric(name, search=search)
    path = rubric_path(name, search=search)
    return linted(rubric.id, str(path), rubric.fingerprint, lint(rubric))


def _once(found: Sequence[LintRubric]) -> list[LintRubric]:
    """Each file once, however often it was named."""
    return list({Path(one.file).absolute(): one for one in found}.values())
