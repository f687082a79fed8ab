// Keeps the part of the URL that only browsers know, which names a channel: the server
// leads back to it.
{
	const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
	form.action = `/login${location.hash}`;
}
