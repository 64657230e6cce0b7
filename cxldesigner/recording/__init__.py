"""The recording file: writer, reader, seek, envelopes, row digest."""
