// The console: which page is shown, the theme, the keys.
import { button, el, icon, toast } from './dom.js';
import { open } from './act.js';
import { ChannelPage } from './channel.js';
import { freeAddress, openForm } from './form.js';
import { List } from './list.js';
import { ask, cookie, Store } from './store.js';

/** @typedef {{element: HTMLElement, title: string, mount(): void, unmount(): void, update(ids: Set<string>, all: boolean): void}} Page */

const store = new Store();
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const create = /** @type {HTMLButtonElement} */ (document.getElementById('new'));
/** @type {(Page & Partial<List> & Partial<ChannelPage>) | undefined} */
let page;
let hash = '';

/** @param {string} id */
function show(id) {
	location.hash = `#/channels/${encodeURIComponent(id)}`;
}

/** Shows the page that the address names. @param {boolean} [moved] whether a person went there */
function route(moved = true) {
	if (!store.loaded || location.hash === '#main') return;
	const id = /^#\/channels\/(.+)$/.exec(location.hash)?.[1];
	hash = location.hash;
	page?.unmount();
	if (id && store.channels.has(decodeURIComponent(id))) page = new ChannelPage(store, decodeURIComponent(id), () => location.assign('#/'));
	else page = new List(store, { create: form, clip });
	main.replaceChildren(page.element);
	page.mount();
	retitle();
	if (!moved) return;
	scrollTo(0, 0);
	/** @type {HTMLElement | null} */ (page.element.querySelector('h1'))?.focus({ preventScroll: true });
}

function retitle() {
	const title = page?.title === 'Channels' ? 'LILO' : `${page?.title} · LILO`;
	if (document.title !== title) document.title = title;
}

function form() {
	if (store.steered) openForm(store, show);
}

/** Makes a first channel by one press. */
async function clip() {
	try {
		const { id } = await ask('POST', '/console/channels', { source: '', name: '', to: [freeAddress(store)], muxrate: '', encode: '', start: true });
		show(id);
	} catch (err) {
		toast(/** @type {Error} */ (err).message, 'bad');
	}
}

store.addEventListener('change', (e) => {
	const { ids, all } = /** @type {CustomEvent} */ (e).detail;
	create.hidden = !store.steered;
	const first = !page;
	if (first || missed(ids)) route(!first);
	else page?.update(ids, all);
	retitle();
});

/** Whether the channel that the address names has come only now. @param {Set<string>} ids */
function missed(ids) {
	const id = /^#\/channels\/(.+)$/.exec(location.hash)?.[1];
	return page instanceof List && id !== undefined && ids.has(decodeURIComponent(id)) && store.channels.has(decodeURIComponent(id));
}

store.addEventListener('link', () => {
	const banner = /** @type {HTMLElement} */ (document.getElementById('offline'));
	banner.hidden = store.linked;
	document.body.classList.toggle('unlinked', !store.linked);
	banner.replaceChildren(...(store.linked ? [] : [el('span', { class: 'spinner' }), el('span', {}, 'The server does not answer. What you see is from before; trying again…')]));
});

addEventListener('hashchange', () => location.hash !== hash && route());
create.append(icon('plus'), el('span', {}, 'New channel'));
create.title = 'New channel (N)';
create.addEventListener('click', form);

// The theme: the system's, or the one chosen here.

const themes = /** @type {const} */ (['auto', 'light', 'dark']);
const themeButton = /** @type {HTMLButtonElement} */ (document.getElementById('theme'));

function theme() {
	const now = document.documentElement.dataset.theme ?? 'auto';
	themeButton.replaceChildren(icon({ auto: /** @type {const} */ ('auto'), light: /** @type {const} */ ('sun'), dark: /** @type {const} */ ('moon') }[now] ?? 'auto'));
	const label = `Theme: ${{ auto: 'as the system', light: 'light', dark: 'dark' }[now]}`;
	themeButton.setAttribute('aria-label', label);
	themeButton.title = `${label} (T)`;
}

function nextTheme() {
	const now = document.documentElement.dataset.theme ?? 'auto';
	const next = themes[(themes.findIndex((t) => t === now) + 1) % themes.length];
	if (next === 'auto') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = next;
	localStorage.setItem('lilo-theme', next);
	theme();
}

themeButton.addEventListener('click', nextTheme);
theme();

// Who logged in can log out. Where no login is wanted there is nobody to.

const user = cookie('lilo_user');
if (user) {
	const label = `Log out ${user}`;
	const leave = el('button', { type: 'button', class: 'quiet icon-only', 'aria-label': label, title: label }, icon('leave'));
	leave.addEventListener('click', async () => {
		try {
			await fetch('/logout', { method: 'POST' });
			location.assign('/login');
		} catch {
			toast('The server does not answer. Is it still running?', 'bad');
		}
	});
	themeButton.before(leave);
}

// The keys. They can be turned off (WCAG 2.1.4).

const keys = /** @type {[string, string, () => void][]} */ ([
	['n', 'New channel', form],
	['/', 'Find channels', () => page?.find?.()],
	['j', 'Next channel', () => page?.step?.(1)],
	['k', 'Channel before', () => page?.step?.(-1)],
	['s', 'Start or stop the channel', () => page?.toggle?.()],
	['m', 'Sound of the preview on or off', () => page?.mute?.()],
	['f', 'Preview in full screen', () => page?.full?.()],
	['t', 'Light, dark, or as the system', nextTheme],
	['?', 'These keys', help],
]);

function help() {
	const on = localStorage.getItem('lilo-keys') !== 'off';
	const box = /** @type {HTMLInputElement} */ (el('input', { type: 'checkbox', checked: on }));
	box.addEventListener('change', () => localStorage.setItem('lilo-keys', box.checked ? 'on' : 'off'));
	const done = button('', 'Close', { autofocus: true });
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'ask', 'aria-labelledby': 'keys-title' },
		el('h2', { id: 'keys-title' }, 'Keyboard shortcuts'),
		el('dl', { class: 'keys' }, keys.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)]), el('dt', {}, el('kbd', {}, 'Esc')), el('dd', {}, 'Back to the channels')),
		el('label', { class: 'check' }, box, el('span', {}, 'Single keys do these things')),
		el('div', { class: 'dialog-end' }, done)));
	done.addEventListener('click', () => dialog.close());
	open(dialog);
}

addEventListener('keydown', (e) => {
	const at = /** @type {HTMLElement} */ (e.target);
	if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]') || at.closest('input, textarea, select')) return;
	if (e.key === 'Escape' && page instanceof ChannelPage && !document.fullscreenElement) return location.assign('#/');
	const found = keys.find(([key]) => key === e.key);
	if (!found || (localStorage.getItem('lilo-keys') === 'off' && e.key !== '?')) return;
	e.preventDefault();
	found[2]();
});

const keysButton = /** @type {HTMLButtonElement} */ (document.getElementById('keys'));
keysButton.append(icon('keys'));
keysButton.addEventListener('click', help);

store.connect();
