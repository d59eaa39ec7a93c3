"""The pages behind a personal link: who gets in, which page is theirs today, what is added to it.

The packages above add their own phases (`phases.register_phase`) and parts of pages
(`sections.register_section`) when their views are loaded, as `interfaces.admin.extensions` lets
them do for the committee's pages.
"""
