"""The jars of Apache Kafka: fetched once by Maven, kept outside of the project."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.errors import Refused

HERE = Path(__file__).parent
OLDEST_JAVA = 17
FETCH_SECONDS = 600


@cache
def version() -> str:
    found = re.search(r"<kafka\.version>(.+?)<", (HERE / "pom.xml").read_text("utf-8"))
    if found is None:
        raise ValueError("pom.xml does not say kafka.version")
    return found.group(1)


def jars_folder() -> Path:
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_home) / "duban" / f"kafka-{version()}"


def present() -> bool:
    return (jars_folder() / f"kafka_2.13-{version()}.jar").is_file()


def java() -> str:
    """The command and what it says of its version. Raises ``Refused`` (``kafka.no_java``)."""
    advice = f"install Java {OLDEST_JAVA} or newer (Debian: apt-get install default-jre-headless)"
    command = shutil.which("java")
    if command is None:
        raise Refused("kafka.no_java", f"there is no java: {advice}")
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found.group(1)) < OLDEST_JAVA:
        raise Refused("kafka.no_java", f"{command} is {said.splitlines()[:1]}: {advice}")
    return f"{command}, version {found.group(1)}"


def require_jars() -> Path:
    """The folder of the jars; fetches them the first time. Raises ``Refused``
    (``kafka.no_maven``, ``kafka.no_jars``)."""
    folder = jars_folder()
    if present():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise Refused(
            "kafka.no_maven",
            f"Kafka's jars are not in {folder} and there is no mvn to fetch them: install Maven "
            "(Debian: apt-get install maven)",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Filled beside its place and moved there whole: an interrupted fetch leaves nothing half.
    with TemporaryDirectory(dir=folder.parent, prefix="fetching-") as made:
        fetched = subprocess.run(
            [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies",
             "-DincludeScope=runtime", f"-DoutputDirectory={made}/jars"],
            capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
        )  # fmt: skip
        if fetched.returncode:
            said = (fetched.stdout + fetched.stderr).strip().splitlines()
            raise Refused("kafka.no_jars", f"mvn cannot fetch Kafka {version()}: {said[:1]}")
        if not present():
            (Path(made) / "jars").rename(folder)
    return folder
