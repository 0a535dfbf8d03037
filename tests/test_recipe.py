"""Recipes: what they say, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from training.recipe import Recipe, RecipeError, read

ROOT = Path(__file__).parents[1]


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_is_read_with_its_defaults(tmp_path: Path) -> None:
    path = written(
        tmp_path, 'name = "x"\nbase = "some/where"\nepochs = 3\nparts = ["train", "dev"]\nbf16 = false'
    )
    recipe = read(path)
    expected = Recipe(name="x", base="some/where", epochs=3.0, parts=("train", "dev"), bf16=False)
    assert recipe == expected
    assert isinstance(recipe.epochs, float)
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.seed = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("learning_rat = 1e-4", "unknown key 'learning_rat'"),
        ("[train]\nepochs = 3", "unknown key 'train'"),
        ('epochs = "3"', "epochs must be float, not '3'"),
        ("epochs = true", "epochs must be float, not True"),
        ("batch_size = 8.5", "batch_size must be int, not 8.5"),
        ("batch_size = true", "batch_size must be int, not True"),
        ("bf16 = 1", "bf16 must be bool, not 1"),
        ('parts = "train"', "parts must be tuple[str, ...], not 'train'"),
        ("parts = [1]", "parts must be tuple[str, ...], not [1]"),
        ("revision = 1", "revision must be str | None, not 1"),
        ("schedule_epochs = false", "schedule_epochs must be float | None, not False"),
        ("epochs = ", "Invalid value"),
    ],
)
def test_a_wrong_key_or_type_names_the_file_and_the_key(tmp_path: Path, line: str, reason: str) -> None:
    path = written(tmp_path, f'name = "x"\nbase = "y"\n{line}\n')
    with pytest.raises(RecipeError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(("text", "key"), [('name = "x"', "base"), ('base = "x"', "name"), ("", "name")])
def test_a_missing_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(RecipeError, match=f"missing key '{key}'"):
        read(written(tmp_path, text))


def test_a_missing_file_and_one_that_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="gone"):
        read(tmp_path / "gone.toml")
    (tmp_path / "bad.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(RecipeError, match="bad"):
        read(tmp_path / "bad.toml")


@pytest.mark.parametrize("name", ["small", "arabertv02"])
def test_the_recipes_we_stand_behind_can_be_read(name: str) -> None:
    recipe = read(ROOT / "configs" / f"{name}.toml")
    assert recipe.name == name
    assert recipe.parts == ("train",)
    assert recipe.revision, "a hub model without a pinned revision is another model tomorrow"
