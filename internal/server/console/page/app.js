// The console: routing, theme and keyboard shortcuts.
import { button, el, icon, toast } from './dom.js';
import { openDialog } from './actions.js';
import { ChannelPage } from './channel.js';
import { FaultsButton } from './faults.js';
import { freeAddress, openForm } from './form.js';
import { List } from './list.js';
import { MissingPage } from './missing.js';
import { cookie, request, Store } from './store.js';

/** @typedef {{element: HTMLElement, title: string, mount(): void, unmount(): void, update(ids: Set<string>, all: boolean): void}} Page */

const store = new Store();
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const newButton = /** @type {HTMLButtonElement} */ (document.getElementById('new'));
/** @type {(Page & Partial<List> & Partial<ChannelPage>) | undefined} */
let page;
let hash = '';

/** The channel that was just created: the server tells of it in a moment. */
let awaited = '';

/** @param {string} id */
function showChannel(id) {
	awaited = id;
	location.hash = `#/channels/${encodeURIComponent(id)}`;
}

/** The id of the channel that the URL names, '' for none. */
function idInURL() {
	const id = /^#\/channels\/(.+)$/.exec(location.hash)?.[1] ?? '';
	try {
		return decodeURIComponent(id);
	} catch { // A URL that somebody cut off.
		return id;
	}
}

/** The channel of lilo run, which is the only one; '' for none. */
function onlyChannel() {
	return store.readOnly && store.channels.size === 1 ? [...store.channels.keys()][0] : '';
}

/** Shows the page for the URL. @param {boolean} [navigated] whether the user went there */
function route(navigated = true) {
	if (!store.loaded || location.hash === '#main') return;
	const id = idInURL() || onlyChannel();
	hash = location.hash;
	page?.unmount();
	if (id && store.channels.has(id)) page = new ChannelPage(store, id, () => location.assign('#/'), showChannel);
	else if (id && id !== awaited) page = new MissingPage(id);
	else page = new List(store, { create: openNew, clip: createClip });
	main.replaceChildren(page.element);
	page.mount();
	updateTitle();
	if (!navigated) return;
	scrollTo(0, 0);
	/** @type {HTMLElement | null} */ (page.element.querySelector('h1'))?.focus({ preventScroll: true });
}

function updateTitle() {
	const title = page?.title === 'Channels' ? 'LILO' : `${page?.title} · LILO`;
	if (document.title !== title) document.title = title;
}

function openNew() {
	if (!store.readOnly) openForm(store, showChannel);
}

/** Creates a channel with the bundled clip. */
async function createClip() {
	try {
		const { id } = await request('POST', '/console/channels', { source: '', name: '', to: [freeAddress(store)], muxrate: '', encode: '', start: true });
		showChannel(id);
	} catch (err) {
		toast(/** @type {Error} */ (err).message, 'bad');
	}
}

store.addEventListener('change', (e) => {
	const { ids, all } = /** @type {CustomEvent} */ (e).detail;
	newButton.hidden = store.readOnly;
	faults.show(!store.readOnly);
	const first = !page;
	if (first || isAwaited(ids)) route(!first);
	else page?.update(ids, all);
	updateTitle();
});

/** Whether the channel in the URL did not exist until now. @param {Set<string>} ids */
function isAwaited(ids) {
	const id = idInURL();
	return !(page instanceof ChannelPage) && ids.has(id) && store.channels.has(id);
}

store.addEventListener('connection', () => {
	const banner = /** @type {HTMLElement} */ (document.getElementById('offline'));
	banner.hidden = store.connected;
	document.body.classList.toggle('disconnected', !store.connected);
	banner.replaceChildren(...(store.connected ? [] : [el('span', { class: 'spinner' }), el('span', {}, 'The server does not respond. This page may be out of date; reconnecting…')]));
});

addEventListener('hashchange', () => location.hash !== hash && route());
newButton.append(icon('plus'), el('span', {}, 'New channel'));
newButton.title = 'New channel (N)';
newButton.addEventListener('click', openNew);

// Faults, for developers.

const faults = new FaultsButton(store);
/** @type {HTMLElement} */ (document.getElementById('keys')).before(faults.element);

// Theme.

const themes = /** @type {const} */ (['auto', 'light', 'dark']);
const themeButton = /** @type {HTMLButtonElement} */ (document.getElementById('theme'));

function updateThemeButton() {
	const now = document.documentElement.dataset.theme ?? 'auto';
	themeButton.replaceChildren(icon({ auto: /** @type {const} */ ('auto'), light: /** @type {const} */ ('sun'), dark: /** @type {const} */ ('moon') }[now] ?? 'auto'));
	const label = `Theme: ${{ auto: 'system', light: 'light', dark: 'dark' }[now]}`;
	themeButton.setAttribute('aria-label', label);
	themeButton.title = `${label} (T)`;
}

function nextTheme() {
	const now = document.documentElement.dataset.theme ?? 'auto';
	const next = themes[(themes.findIndex((t) => t === now) + 1) % themes.length];
	if (next === 'auto') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = next;
	localStorage.setItem('lilo-theme', next);
	updateThemeButton();
}

themeButton.addEventListener('click', nextTheme);
updateThemeButton();

// Logging out, if a login is required.

const user = cookie('lilo_user');
if (user) {
	const label = `Log out ${user}`;
	const logOut = el('button', { type: 'button', class: 'quiet icon-only', 'aria-label': label, title: label }, icon('leave'));
	logOut.addEventListener('click', async () => {
		try {
			await fetch('/logout', { method: 'POST' });
			location.assign('/login');
		} catch {
			toast('The server does not respond. Is it still running?', 'bad');
		}
	});
	themeButton.before(logOut);
}

// Keyboard shortcuts. They can be turned off (WCAG 2.1.4).

const shortcuts = /** @type {[string, string, () => void][]} */ ([
	['n', 'New channel', openNew],
	['/', 'Find channels', () => page?.focusSearch?.()],
	['j', 'Next channel', () => page?.moveFocus?.(1)],
	['k', 'Previous channel', () => page?.moveFocus?.(-1)],
	['s', 'Start or stop the channel', () => page?.toggle?.()],
	['m', 'Mute or unmute the preview', () => page?.toggleMute?.()],
	['f', 'Preview in full screen', () => page?.toggleFullscreen?.()],
	['e', 'Faults of the API', () => store.readOnly || faults.open()],
	['t', 'Theme: light, dark or system', nextTheme],
	['?', 'Keyboard shortcuts', help],
]);

function help() {
	const on = localStorage.getItem('lilo-keys') !== 'off';
	const box = /** @type {HTMLInputElement} */ (el('input', { type: 'checkbox', checked: on }));
	box.addEventListener('change', () => localStorage.setItem('lilo-keys', box.checked ? 'on' : 'off'));
	const done = button('', 'Close', { autofocus: true });
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'prompt', 'aria-labelledby': 'keys-title' },
		el('h2', { id: 'keys-title' }, 'Keyboard shortcuts'),
		el('dl', { class: 'keys' }, shortcuts.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)]), el('dt', {}, el('kbd', {}, 'Esc')), el('dd', {}, 'Back to the channels')),
		el('label', { class: 'check' }, box, el('span', {}, 'Enable keyboard shortcuts')),
		el('div', { class: 'dialog-end' }, done)));
	done.addEventListener('click', () => dialog.close());
	openDialog(dialog);
}

addEventListener('keydown', (e) => {
	const target = /** @type {HTMLElement} */ (e.target);
	if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]') || target.closest('input, textarea, select')) return;
	if (e.key === 'Escape' && page instanceof ChannelPage && !document.fullscreenElement) return location.assign('#/');
	const found = shortcuts.find(([key]) => key === e.key);
	if (!found || (localStorage.getItem('lilo-keys') === 'off' && e.key !== '?')) return;
	e.preventDefault();
	found[2]();
});

const keysButton = /** @type {HTMLButtonElement} */ (document.getElementById('keys'));
keysButton.append(icon('keys'));
keysButton.addEventListener('click', help);

store.connect();
