"""What Linux makes of a machine: pure functions from firmware and actions to a state."""
