"""A hook of MkDocs: links of docs to files beside docs lead to the repository."""

import posixpath
import re


def on_page_markdown(markdown, page, config, files):
    folder = posixpath.dirname(page.file.src_uri)

    def link(match):
        target, anchor = match[2], match[3] or ""
        if "://" in target or target.startswith(("/", "mailto:")):
            return match[0]
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        if path.startswith("docs/"):
            return match[0]
        return f"{match[1]}({config.repo_url}/blob/main/{path}{anchor})"

    return re.sub(r"(\])\(([^)#\s]+)(#[^)\s]*)?\)", link, markdown)
