"""Free SQL in a throw-away process: what a person types never runs where the workbook lives."""

from lib.engine.sandbox.parent import LIMITS, SandboxLimits, SandboxResult, run, warm

__all__ = ["LIMITS", "SandboxLimits", "SandboxResult", "run", "warm"]
