"""The automation platform: modules with manifests, jobs that people define, an event bus."""
