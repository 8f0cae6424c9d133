"""Feed to article, pure: what a feed says and what is known of it in, article versions to publish out.

    schedule → (fetch) → parse → normalize → window, dedupe → (publish, remember)

`schedule` says which feeds are due; `parse` and `normalize` turn bytes into plain items or refusals;
`window` decides on all items of one answer with the rules of `dedupe`; `dates` and `zones` read dates;
`link` and `plaintext` clean; `feedlist` reads config/feeds.yaml.
"""
