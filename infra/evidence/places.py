"""Where evidence files lie: a directory on this machine, or a bucket behind the S3 API."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from domain.errors import Invalid, Refused
from domain.evidence.ports import Listed

S3 = "s3+"
FOLDER = "sha256"
EXAMPLE = "s3+https://KEY:SECRET@HOST/BUCKET/FOLDER?region=REGION"
PATIENCE = timedelta(seconds=15)


class Place(Protocol):
    """Files by digest. Raises ``Refused`` (``store.evidence_unavailable``)."""

    @property
    def name(self) -> str: ...

    def put(self, digest: str, data: bytes) -> bool:
        """Durable when it returns; False: it was there already, and stays as it is."""

    def get(self, digest: str) -> bytes | None: ...

    def listed(self) -> Iterator[Listed]: ...


class ObjectPlace:
    """Any store that ``obstore`` speaks to; a file is there whole or not at all."""

    def __init__(self, name: str, store: ObjectStore) -> None:
        self.name = name
        self._store = store

    def put(self, digest: str, data: bytes) -> bool:
        try:
            obstore.put(self._store, path_of(digest), data, mode="create")
        except AlreadyExistsError:
            return False
        except (BaseError, OSError) as error:
            raise unavailable(self.name, error) from error
        return True

    def get(self, digest: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, path_of(digest)).bytes())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise unavailable(self.name, error) from error

    def listed(self) -> Iterator[Listed]:
        try:
            for some in obstore.list(self._store, prefix=FOLDER):
                for found in some:
                    yield Listed(found["path"].rpartition("/")[2], found["size"])
        except (BaseError, OSError) as error:
            raise unavailable(self.name, error) from error


class DirectoryPlace:
    """A directory, made with the first file. What is in it can be read by its owner alone, and
    nobody's program writes to it by mistake."""

    def __init__(self, directory: Path) -> None:
        self.name = str(directory)
        self._directory = directory

    def put(self, digest: str, data: bytes) -> bool:
        path = self._directory / path_of(digest)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self._objects().put(digest, data)
            if new:
                path.chmod(0o400)
            # Also if it was there: whoever wrote it may have been killed before it was on disk.
            for written in (path, path.parent, path.parent.parent, self._directory):
                _to_disk(written)
        except OSError as error:
            raise unavailable(self.name, error) from error
        return new

    def get(self, digest: str) -> bytes | None:
        try:
            return (self._directory / path_of(digest)).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unavailable(self.name, error) from error

    def listed(self) -> Iterator[Listed]:
        if self._directory.is_dir():
            yield from self._objects().listed()

    def _objects(self) -> ObjectPlace:
        return ObjectPlace(self.name, LocalStore(self._directory))


def place_at(address: str, usual: Path) -> Place:
    """``address`` is a directory or names a bucket (``EXAMPLE``); "": the usual directory. Raises
    ``Invalid`` (``settings.invalid``)."""
    if not address.startswith(S3):
        return DirectoryPlace(Path(address) if address else usual)
    parts = urlsplit(address.removeprefix(S3))
    bucket, _, folder = parts.path.strip("/").partition("/")
    if parts.scheme not in ("http", "https") or not parts.hostname or not bucket:
        raise Invalid(
            "settings.invalid", f"DUBAN_EVIDENCE names no bucket: write a directory or {EXAMPLE}"
        )
    return ObjectPlace(f"s3://{bucket}/{folder}".rstrip("/"), _bucket(parts, bucket, folder))


def _bucket(parts: SplitResult, bucket: str, folder: str) -> S3Store:
    endpoint = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return S3Store(
        bucket,
        prefix=folder or None,
        endpoint=endpoint,
        region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
        access_key_id=unquote(parts.username or ""),
        secret_access_key=unquote(parts.password or ""),
        virtual_hosted_style_request=False,
        client_options={"allow_http": parts.scheme == "http", "timeout": PATIENCE},
        retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
    )


def path_of(digest: str) -> str:
    return f"{FOLDER}/{digest[:2]}/{digest}"


def unavailable(name: str, error: Exception) -> Refused:
    """The first line of an error is for people, what follows is for programmers."""
    said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return Refused(
        "store.evidence_unavailable",
        f"the evidence in {name} cannot be reached: {said.splitlines()[0][:200] if said else '?'}",
    )


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
