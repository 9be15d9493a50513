"""What all plugins of one engine share: the router, who watches them, and the processors of graphics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from imjoy.engine.gpus import Gpus, choose, gpu_options
from imjoy.engine.guardian import Guardian
from imjoy.engine.watch import Watch
from imjoy.rpc.router import Router


@dataclass
class Premises:
    """Made once by the supervisor."""

    router: Router
    guardian: Guardian = field(default_factory=Guardian)
    watch: Watch = field(default_factory=Watch)
    gpus: Gpus = field(default_factory=Gpus)
    gpus_taken: dict[int, int] = field(default_factory=dict)

    async def assign_gpus(self, config: Any) -> tuple[list[int], dict[str, str], str]:
        """The processors for a plugin, the variables that say so, and a note for its log."""
        options = gpu_options((config or {}).get("env"))
        if options is None:
            return [], {}, ""
        chosen = choose(await self.gpus.list(), options, self.gpus_taken)
        for index in chosen:
            self.gpus_taken[index] = self.gpus_taken.get(index, 0) + 1
        listed = ",".join(map(str, chosen))
        if not chosen:
            return [], {"CUDA_VISIBLE_DEVICES": ""}, "It asks for a GPU, and none is free here."
        variables = {"CUDA_VISIBLE_DEVICES": listed, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
        return chosen, variables, f"It was given the GPU {listed}."

    def free_gpus(self, indices: list[int]) -> None:
        """A plugin that had these has ended."""
        for index in indices:
            self.gpus_taken[index] = max(0, self.gpus_taken.get(index, 0) - 1)
