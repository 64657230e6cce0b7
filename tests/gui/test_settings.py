"""Settings: typed, kept, and harmless when the file is not what we wrote."""

from __future__ import annotations

from pathlib import Path

from cxldesigner.gui.settings import Appearance, History, Layout, Settings
from cxldesigner.gui.theme import ThemeChoice


def test_a_new_file_has_the_defaults(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")

    assert settings.read(Appearance) == Appearance()
    assert settings.read(History) == History()
    assert settings.read(Layout) == Layout()


def test_values_come_back_with_their_types(tmp_path: Path) -> None:
    values = (
        Appearance(theme=ThemeChoice.DARK, language="de", reduced_motion=True),
        History(files=("/a b/ü.cxld", "/c,d.cxld"), commands=("file.open",), folder="/x"),
        Layout(geometry=b"\x00\xff\x01", edit=b"e", replay=b""),
    )
    settings = Settings(tmp_path / "s.ini")
    for value in values:
        settings.write(value)

    again = Settings(tmp_path / "s.ini")

    assert (again.read(Appearance), again.read(History), again.read(Layout)) == values
    assert isinstance(again.read(Appearance).theme, ThemeChoice)


def test_one_or_no_recent_file_is_still_a_tuple(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    settings.remember_file("/one.cxld")
    assert Settings(tmp_path / "s.ini").read(History).files == ("/one.cxld",)

    settings.forget_file("/one.cxld")
    assert Settings(tmp_path / "s.ini").read(History).files == ()


def test_recent_files_are_newest_first_without_repeats_and_limited(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    for n in (*range(15), 14, 13):
        settings.remember_file(f"/f/{n}.cxld")

    files = settings.read(History).files
    assert files[:3] == ("/f/13.cxld", "/f/14.cxld", "/f/12.cxld")
    assert len(files) == len(set(files)) == 10
    assert settings.read(History).folder == "/f"


def test_a_spoiled_file_gives_defaults_where_it_is_spoiled(tmp_path: Path) -> None:
    path = tmp_path / "s.ini"
    path.write_text(
        "[Appearance]\ntheme=sepia\nreduced_motion=perhaps\nlanguage=fr\n[Layout]\nedit=text\n"
    )

    settings = Settings(path)

    assert settings.read(Appearance) == Appearance(language="fr")
    assert settings.read(Layout).edit == b""


def test_the_usual_place_is_the_users_config_folder(own_folders: Path) -> None:
    settings = Settings()
    settings.remember_command("edit.undo")

    assert settings.path == own_folders / "config" / "cxldesigner" / "settings.ini"
    assert "edit.undo" in settings.path.read_text()
