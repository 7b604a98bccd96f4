"""The action plugin: it asks the module for progress where it can see the file, and shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.action import hosts_sync as action


class Display:
    """Keeps what is displayed; `seen` is set by each line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen = threading.Event()

    def display(self, text: str, *more: Any, **keywords: Any) -> None:
        self.lines.append(text)
        self.seen.set()


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Display:
    fake = Display()
    monkeypatch.setattr(action, "display", fake)
    monkeypatch.setattr(action, "INTERVAL", 0.001)
    return fake


class Task:
    """The plugin with a task around it; `module` is what runs instead of the module."""

    def __init__(
        self,
        module: Callable[[str | None], Any] = lambda path: None,
        transport: str = "local",
        become: bool = False,
        async_val: int = 0,
        **arguments: Any,
    ) -> None:
        self.calls: list[dict[str, Any]] = []
        self.task = SimpleNamespace(
            args={"mappings": [], **arguments},
            action="netops.netbox_zabbix.hosts_sync",
            async_val=async_val,
            check_mode=False,
            environment=None,
        )
        connection = SimpleNamespace(transport=transport, _shell=SimpleNamespace(tmpdir="/nowhere"))
        self.plugin = action.ActionModule(
            task=self.task,
            connection=connection,
            play_context=SimpleNamespace(become=become),
            loader=None,
            templar=None,
            shared_loader_obj=None,
        )

        def execute(**keywords: Any) -> dict[str, Any]:
            self.calls.append(keywords)
            module(keywords["module_args"].get("progress_path"))
            return {"changed": True, "stats": {"creates": 1}}

        self.plugin._execute_module = execute

    def run(self) -> dict[str, Any]:
        result: dict[str, Any] = self.plugin.run(task_vars={"a": 1})
        return result

    @property
    def path(self) -> str | None:
        return self.calls[0]["module_args"].get("progress_path")


def test_the_module_gets_its_arguments_and_its_result_is_given(display: Display) -> None:
    task = Task(instance="one")
    assert task.run() == {"changed": True, "stats": {"creates": 1}}
    (call,) = task.calls
    assert call["module_name"] == "netops.netbox_zabbix.hosts_sync"
    assert call["task_vars"] == {"a": 1}
    assert {name: value for name, value in call["module_args"].items() if name != "progress_path"} == {
        "mappings": [],
        "instance": "one",
    }
    assert "progress_path" not in task.task.args, "the task itself stays as it was written"


ELSEWHERE = [
    {"transport": "ssh"},
    {"become": True},  # another user could not write into the folder
    {"async_val": 60},
]


@pytest.mark.parametrize("how", ELSEWHERE)
def test_where_the_file_could_not_be_seen_there_is_none(display: Display, how: dict[str, Any]) -> None:
    task = Task(**how)
    task.run()
    assert task.path is None
    assert display.lines == []
    assert task.calls[0]["wrap_async"] == how.get("async_val", 0)


def test_a_path_that_somebody_gave_is_left_to_them(display: Display, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    task = Task(module=lambda given: Path(given or "").write_text("a line\n") and None, progress_path=str(path))
    task.run()
    assert task.path == str(path)
    assert display.lines == []
    assert path.read_text() == "a line\n"


def test_lines_are_shown_while_the_module_runs(display: Display) -> None:
    def module(path: str | None) -> None:
        assert path is not None
        for text in ("reading", "writing"):
            with open(path, "a", encoding="utf-8") as lines:
                lines.write(text + "\n")
            assert display.seen.wait(10), "nothing was shown while the module was running"
            display.seen.clear()

    task = Task(module=module)
    task.run()
    assert display.lines == ["  reading", "  writing"]
    assert task.path is not None
    assert not Path(task.path).parent.exists()


def test_what_was_told_last_is_shown_even_if_the_module_ends_at_once(
    display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action, "INTERVAL", 60)

    def module(path: str | None) -> None:
        Path(path or "").write_text("first\n\nlast\n")

    Task(module=module).run()
    assert display.lines == ["  last"], "one line a look: each is an event in a job runner's database"


def test_a_module_that_tells_nothing_shows_nothing(display: Display) -> None:
    Task().run()
    assert display.lines == []


def test_nothing_is_left_when_the_module_cannot_be_run(display: Display) -> None:
    paths: list[str] = []

    def module(path: str | None) -> None:
        paths.append(path or "")
        Path(path or "").write_text("begun\n")
        raise RuntimeError("no interpreter")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="no interpreter"):
        Task(module=module).run()
    assert threading.active_count() == before
    assert not Path(paths[0]).parent.exists()
    assert display.lines == ["  begun"]
