"""Memory policies at set time and when memory nodes come and go (C16, C26)."""

from __future__ import annotations

from collections.abc import Sequence

from cxldesigner.document.model import Policy, PolicyMode


class BadPolicyError(ValueError):
    """The kernel refuses the policy: EINVAL."""


def mask_at_set_time(policy: Policy, with_memory: Sequence[int]) -> tuple[int, ...]:
    """Return the nodes a policy keeps when it is set (C16).

    The mask is cut to allowed nodes with memory; PREFERRED keeps the lowest, and with no nodes
    given means the local node.

    Raises
    ------
    BadPolicyError
        When nothing is left, or nodes are given to the default policy.
    """
    if policy.mode is PolicyMode.DEFAULT:
        if policy.nodes:
            raise BadPolicyError("the default policy takes no nodes")
        return ()
    nodes = tuple(sorted(n for n in set(policy.nodes) if n in with_memory))
    if policy.mode is PolicyMode.PREFERRED and not policy.nodes:
        return ()
    if not nodes:
        raise BadPolicyError("no node of the policy has memory")
    return nodes[:1] if policy.mode is PolicyMode.PREFERRED else nodes


def remapped(mask: Sequence[int], old: Sequence[int], new: Sequence[int]) -> tuple[int, ...]:
    """Return a mask without mode flag after the allowed nodes changed from ``old`` to ``new``.

    The n-th node of ``old`` becomes the n-th, modulo, of ``new`` (``nodes_remap``, C26).
    """
    places, targets = sorted(old), sorted(new)
    if not targets:
        return tuple(sorted(mask))
    return tuple(
        sorted({targets[places.index(n) % len(targets)] if n in places else n for n in mask})
    )
