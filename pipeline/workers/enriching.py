"""Articles on their way out; the same with what only the whole stream tells: language, story and owner."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.articles.language import language_of
from pipeline.articles.stories import NO_CHANGES, Changes, Stories
from pipeline.contract.article import EXTRACTED_LANGUAGES, Article
from pipeline.telemetry import UNREAD_LANGUAGES


class Enricher:
    """Knows the stories of the last days and who owns which outlet."""

    def __init__(self, stories: Stories | None = None, owners: Mapping[str, str] | None = None) -> None:
        self._stories = stories or Stories()
        self._owners = owners or {}
        self._unsaved = NO_CHANGES

    def enrich(self, article: Article) -> Article:
        """Add the detected language, the story that the text tells and the outlet's owner."""
        language = language_of(article.title, article.text, article.language)
        if language not in EXTRACTED_LANGUAGES:
            UNREAD_LANGUAGES.labels(language).inc()
        story = self._stories.assign(article.article_id, article.title, article.text, article.published_at)
        since = self._stories.began_at(story)
        return article.model_copy(
            update={
                "language": language,
                "story_id": story,
                "story_since": article.published_at if since is None else since,
                "owner": self._owners.get(article.outlet),
            }
        )

    def changes(self) -> Changes:
        """What to write down of the stories since `saved` was last called."""
        new = self._stories.changes()
        gone = frozenset(new.forgotten)
        kept = tuple(row for row in self._unsaved.added if row.article_id not in gone)
        self._unsaved = Changes(kept + new.added, self._unsaved.forgotten + new.forgotten)
        return self._unsaved

    def saved(self) -> None:
        """All changes told so far are written down."""
        self._unsaved = NO_CHANGES
