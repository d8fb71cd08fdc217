"""Live streams: what is written in an open conversation reaches its readers, served by a process of their own.

`application` answers, `opening` asks the rule once, `hub` holds the open streams, `looking` asks for all of them what
is new and who may still read it.
"""
