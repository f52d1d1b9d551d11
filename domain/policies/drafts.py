"""What can be read of a policy file by itself, so that one error does not hide the next."""

from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.policies.header import PolicyFile, Words

P = TypeVar("P", bound=Words)


class Draft:
    """A file's tree, of which some words may be wrong or missing."""

    def __init__(self, model: type[PolicyFile], tree: dict[str, Any]) -> None:
        self._model = model
        self.tree = tree

    def parts(self, word: str, of: type[P]) -> list[tuple[int, P]]:
        """The readable parts of a list, each with its place in it."""
        raw, found = self.tree.get(word), []
        for index, part in enumerate(raw if isinstance(raw, list) else ()):
            try:
                found.append((index, of.model_validate(part)))
            except ValidationError:
                continue
        return found

    def one(self, word: str) -> Any:
        """The value of a word of the head, or what it means to leave it out; ``None`` where it
        is wrong or missing."""
        field = self._model.model_fields[word]
        name = field.alias or word
        if name not in self.tree:
            return None if field.is_required() else field.get_default()
        try:
            return _adapter(self._model, word).validate_python(self.tree[name])
        except ValidationError:
            return None


@lru_cache(maxsize=256)
def _adapter(model: type[PolicyFile], word: str) -> TypeAdapter[Any]:
    field = model.model_fields[word]
    of: Any = Annotated[field.annotation, field]
    return TypeAdapter(of)
