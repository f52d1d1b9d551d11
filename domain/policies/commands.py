"""What can be asked of policies."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from domain.messages import Command
from domain.policies.loading import load


class AdoptPolicy(Command):
    """Adopt a policy file. ``body`` is its text, kept to the letter; the stream is named by the
    id in it. ``backdated`` says why a later version is to judge days that have already passed."""

    # Stripping blanks would change the text and with it the digest people compare.
    model_config = ConfigDict(str_strip_whitespace=False)

    NAME: ClassVar[str] = "policy.adopt"
    STREAM: ClassVar[str] = "policy"

    body: str = Field(min_length=1, max_length=1024 * 1024, description="the policy file's text")
    backdated: str = Field(default="", max_length=2000)

    @property
    def stream_key(self) -> str:
        """Raises ``Invalid`` when the text is no policy."""
        return load(self.body).id


COMMANDS = (AdoptPolicy,)
