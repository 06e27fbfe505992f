"""The North Star and what feeds it: a tree with typed edges, each input measured or not, owned or not."""

from __future__ import annotations

from dataclasses import dataclass

from lib.workbook.model import Workbook

MAX_DEPTH = 6


@dataclass(frozen=True)
class Node:
    """One metric of the tree.

    Attributes:
        id: Metric id.
        name: Its name.
        kind: process | outcome | shared | unassigned.
        depth: 0 for the North Star.
        parent: Metric id it feeds, "" for the North Star.
        edge: arithmetic | hypothesis | "" for the North Star.
        edge_id: Id of the input record.
        is_measured: There is a series of it.
        owners: Who owns it.
        crosses: The team boundary runs between it and its parent: their owners have nobody in common.
    """

    id: str
    name: str
    kind: str
    depth: int
    parent: str
    edge: str
    edge_id: str
    is_measured: bool
    owners: tuple[str, ...]
    crosses: bool


@dataclass(frozen=True)
class Tree:
    """The tree, parents before their children."""

    nodes: tuple[Node, ...]
    loops: tuple[str, ...] = ()  # names of metrics that would feed themselves

    @property
    def feeds(self) -> frozenset[str]:
        """Ids of all metrics in it."""
        return frozenset(node.id for node in self.nodes)


def tree(workbook: Workbook, measured: frozenset[str]) -> Tree:
    """The tree below the workbook's North Star.

    Args:
        workbook: Its north_star, inputs and metrics.
        measured: Metric ids with a series.
    """
    root = workbook.north_star.metric
    if root not in workbook.metrics:
        return Tree(())
    nodes: list[Node] = []
    loops: list[str] = []

    def add(id: str, parent: str, edge: str, edge_id: str, path: tuple[str, ...]) -> None:
        metric = workbook.metrics.get(id)
        if metric is None:
            return
        if id in path or len(path) > MAX_DEPTH:
            loops.append(metric.name or id)
            return
        above = workbook.metrics.get(parent)
        crosses = bool(
            above and metric.owners and above.owners and not set(metric.owners) & set(above.owners)
        )
        nodes.append(Node(id, metric.name or id, metric.kind, len(path), parent, edge, edge_id, id in measured,
                          metric.owners, crosses))  # fmt: skip
        for key, child in workbook.inputs.items():
            if child.parent == id:
                add(child.child, id, child.type, key, (*path, id))

    add(root, "", "", "", ())
    return Tree(tuple(nodes), tuple(loops))
