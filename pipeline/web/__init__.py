"""The analysts' dashboard: a read model folded from topics, views of it, a thin Starlette edge."""
