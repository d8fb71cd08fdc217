"""A fictional Occitanie, drawn from one seed: establishments, units, people and a cast that signs in.

Communes are real, everything else is invented. `region.build` draws it in memory, `write.write` puts it in the
database, `cast` holds the names that other parts and tests rely on.
"""
