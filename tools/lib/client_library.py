"""Makes redis-py importable: scripts call `require()` before `import redis`."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

REQUIREMENT = "redis>=5.1,<9"


def require():
    """Returns when redis-py can be imported. Otherwise installs it into a virtual
    environment in the temporary directory and starts the script again from there."""
    if importlib.util.find_spec("redis"):
        return
    if os.environ.get("REDSTART_VENV") == sys.prefix:
        sys.exit("%s has no redis-py: delete it and try again" % sys.prefix)
    home = pathlib.Path(tempfile.gettempdir()) / ("redstart-venv-%d" % os.getuid())
    python = home / "bin/python"
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT],
                       check=True)
        (home / "ready").touch()
    os.environ["REDSTART_VENV"] = str(home)
    os.execv(python, [str(python), *sys.argv])
