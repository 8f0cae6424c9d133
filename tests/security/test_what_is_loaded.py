"""Nothing that is read can run: no pickle, no eval, no shell; and data is only read as it was shipped."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import shipped
from pipeline.articles import language
from pipeline.contract.errors import AlteredFileError
from pipeline.events.reader import load_reader, parser_folder
from pipeline.events.relations import Relations
from pipeline.ontology.capability import capability_tables
from pipeline.ontology.coalition import shipped_coalitions
from pipeline.ontology.load import load_ontology
from pipeline.shipped import PACKAGE, data_files, manifest, require_shipped
from supply import manifest as writer

ROOT = PACKAGE.parent
SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "training").rglob("*.py")])
RUNS_WHAT_IT_READS = set("pickle cPickle _pickle marshal shelve dill joblib cloudpickle code".split())
RUNS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput"}
RUNS |= {"asyncio.create_subprocess_shell", "torch.load", "pandas.read_pickle", "pd.read_pickle"}
RISKY = {("shell", True), ("allow_pickle", True), ("weights_only", False)}
SAFE_LOADERS = {"SafeLoader", "CSafeLoader", "safe_load", "safe_dump", "YAMLError", "MarkedYAMLError"}
SAFE_LOADERS |= {"Node", "MappingNode", "SequenceNode", "ScalarNode", "parse"}
SAFE_LOADERS |= {"CollectionStartEvent", "CollectionEndEvent"}
FOLDERS = {
    **{f"pipeline/{folder}": PACKAGE / folder for folder in ("ontology/actors", "ontology/types")},
    **{f"pipeline/{folder}": PACKAGE / folder for folder in ("ontology/coalitions", "ontology/capability")},
    **{f"pipeline/{folder}": PACKAGE / folder for folder in ("events/model", "web/static/vendor", "samples")},
}


def faults(source: str) -> Iterator[str]:
    """What a module does that could run something it has read."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            origin = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {name.split(".")[0] for name in [*(origin or names)]} & RUNS_WHAT_IT_READS:
                yield f"imports {names}"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in RUNS:
                yield f"calls {called}"
            for word in node.keywords:
                value = word.value.value if isinstance(word.value, ast.Constant) else None
                if (word.arg, value) in RISKY:
                    yield f"passes {word.arg}={value!r}"
        elif (
            isinstance(node, ast.Attribute)
            and ast.unparse(node.value) == "yaml"
            and node.attr not in SAFE_LOADERS
        ):
            yield f"uses yaml.{node.attr}"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from joblib import load", "import yaml\nyaml.load(x)", "eval(x)", "exec(x)",
        "subprocess.run(x, shell=True)", "np.load(x, allow_pickle=True)", "yaml.UnsafeLoader", "os.system(x)",
    ],
)  # fmt: skip
def test_the_check_sees(source: str) -> None:
    assert list(faults(source))


def test_nothing_that_is_read_is_run() -> None:
    assert len(SOURCES) > 200
    found = [f"{path}: {what}" for path in SOURCES for what in faults(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_the_manifest_names_every_data_file_as_it_is() -> None:
    assert shipped.MANIFEST.read_text(encoding="utf-8") == writer.text(), "make manifest"
    named = {name for name in manifest() if name.startswith("pipeline/")}
    lying = {f"pipeline/{path.relative_to(PACKAGE).as_posix()}" for path in data_files(PACKAGE)}
    others = {name for name in lying - named if name != "pipeline/data.sha256"}
    # Pages of our own, and examples of messages, decide nothing.
    assert all(name.startswith(("pipeline/web/static/", "pipeline/contract/messages/")) for name in others), (
        others
    )


@pytest.mark.parametrize("name", [*FOLDERS, "en_core_web_sm"])
def test_one_altered_byte_in_any_file_is_refused(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(
        FOLDERS.get(name) or parser_folder(), copy, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    require_shipped(name, copy)
    for path in data_files(copy):
        before = path.read_bytes()
        path.write_bytes(bytes([before[0] ^ 1]) + before[1:] if before else b"x")
        with pytest.raises(AlteredFileError, match="has been altered"):
            require_shipped(name, copy)
        path.write_bytes(before)
    path.unlink()
    with pytest.raises(AlteredFileError, match="is missing"):
        require_shipped(name, copy)
    path.write_bytes(before)
    (copy / "beside.yaml").write_text("x: 1\n")
    with pytest.raises(AlteredFileError, match="was not shipped"):
        require_shipped(name, copy)


def test_one_altered_byte_in_the_language_model_is_refused(tmp_path: Path) -> None:
    whole = bytearray(language.model_file().read_bytes())
    whole[len(whole) // 2] ^= 1
    copy = tmp_path / "model.npz.xz"
    copy.write_bytes(whole)
    with pytest.raises(AlteredFileError, match="has been altered"):
        require_shipped("py3langid/model", copy)


def _dashboard() -> object:
    from pipeline.web.app import create_app

    return create_app(None)  # type: ignore[arg-type]  # it is refused before that is looked at


@pytest.mark.parametrize(
    ("prefix", "load"),
    [
        ("pipeline/ontology/actors/", load_ontology),
        ("pipeline/ontology/types/", load_ontology),
        ("pipeline/ontology/coalitions/", shipped_coalitions),
        ("pipeline/ontology/capability/", capability_tables.__wrapped__),
        ("pipeline/events/model/model.json", Relations),
        ("pipeline/web/static/vendor/", _dashboard),
        ("en_core_web_sm/", load_reader),
        ("py3langid/", language._identifier.__wrapped__),
    ],
)
def test_whoever_reads_checks_first(
    prefix: str, load: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if one file were another: its hash is."""
    name = next(name for name in manifest() if name.startswith(prefix))
    other = {**manifest(), name: "0" * 64}
    monkeypatch.setattr(shipped, "manifest", lambda: other)
    with pytest.raises(AlteredFileError, match=f"{name} has been altered"):
        load()
