"""Signing in, second factors, sessions: allauth's flows with our rules."""
