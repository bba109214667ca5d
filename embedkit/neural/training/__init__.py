"""What a network learns from: objectives, skorch's loop and its callbacks, devices."""
