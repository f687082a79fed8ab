// The list of all channels.
import { button, el, icon, setText } from './dom.js';
import { plural, rate } from './format.js';
import { BulkBar } from './bulk.js';
import { Card, columns, destinationsOf, TableRow, tagsOf, Tile } from './items.js';
import { animate, Ring } from './ring.js';
import { labelOf } from './states.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {Card | TableRow | Tile} Item */
/** @typedef {'cards' | 'table' | 'wall'} View */

const filters = /** @type {[string, string][]} */ ([['all', 'All'], ['on', 'On air'], ['off', 'Off air'], ['alerts', 'With alerts']]);
const views = /** @type {[View, string, 'cards' | 'table' | 'wall'][]} */ ([['cards', 'Cards', 'cards'], ['table', 'Table', 'table'], ['wall', 'Pictures', 'wall']]);
const sortings = /** @type {[string, string][]} */ ([['', 'First created'], ['name', 'Name'], ['state', 'State'], ['source', 'Source'], ['to', 'Destination'], ['rate', 'Bit rate'], ['late', 'Lateness'], ['alerts', 'Alerts']]);

/** How channels are compared, by sorting. @type {Record<string, (store: Store) => (c: Channel) => string | number>} */
const keys = {
	name: () => (c) => c.name.toLowerCase(),
	state: () => (c) => labelOf(c)[0],
	source: () => (c) => c.source.toLowerCase(),
	to: () => (c) => destinationsOf(c).join(' '),
	lap: (store) => (c) => -store.live(c.id).lap,
	rate: (store) => (c) => -store.live(c.id).rate,
	late: (store) => (c) => -store.live(c.id).late,
	alerts: () => (c) => -c.alerts.length,
	tags: () => (c) => tagsOf(c).join(' ') || '\uffff',
	id: () => (c) => c.id,
};

/** The list of all channels. */
export class List {
	/** @type {Map<string, Item>} */ #items = new Map();
	/** @type {Set<string>} */ #selected = new Set();
	/** @type {View} */ #view = 'cards';
	#sorting = '';
	#backwards = false;
	#selecting = false;
	#hidden = new Set((localStorage.getItem('lilo-hidden-columns') ?? 'tags id').split(' '));
	#list = el('ul', { class: 'rows', 'aria-label': 'Channels' });
	#body = el('tbody');
	#head = el('tr');
	#table = el('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Channels' }, el('table', {}, el('thead', {}, this.#head), this.#body));
	#summary = el('p', { class: 'summary' });
	#search = /** @type {HTMLInputElement} */ (el('input', { type: 'search', placeholder: 'Name, source, address or tag', 'aria-label': 'Find channels', autocomplete: 'off', spellcheck: 'false' }));
	#filter = 'all';
	#filters = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Show' });
	#views = el('div', { class: 'tabs', role: 'group', 'aria-label': 'View' });
	#sort = /** @type {HTMLSelectElement} */ (el('select', { 'aria-label': 'Sort by' }, sortings.map(([value, label]) => el('option', { value }, label))));
	#columns = el('details', { class: 'columns' }, el('summary', { class: 'button quiet' }, 'Columns'));
	#select = button('check', 'Select', { 'aria-pressed': 'false' });
	#tools = el('div', { class: 'tools' });
	#bulk = new BulkBar({ selected: () => this.#chosen(), selectAll: () => this.#selectAll(), done: () => this.#setSelecting(false) });
	#noMatch = el('p', { class: 'notice' }, 'No channel matches.');
	#empty = el('div');
	#visibility = new IntersectionObserver((all) => this.#updateVisibility(all), { rootMargin: '300px' });
	/** @type {WeakMap<Element, Item>} */ #byElement = new WeakMap();
	#stopDrawing = () => {};
	title = 'Channels';
	element = el('section', { class: 'list' });

	/** @param {Store} store @param {{create: () => void, clip: () => Promise<void>}} actions */
	constructor(store, actions) {
		this.store = store;
		this.actions = actions;
		const stored = localStorage.getItem('lilo-view');
		this.#view = views.find(([v]) => v === stored)?.[0] ?? 'cards';
		this.#search.addEventListener('input', () => this.#applyFilter());
		tabs(this.#filters, filters, 'all', (filter) => {
			this.#filter = filter;
			this.#applyFilter();
		});
		for (const [view, label, name] of views) {
			const b = button(name, label, { value: view, class: 'icon-only', 'aria-label': label, title: label });
			b.addEventListener('click', () => this.#setView(view));
			this.#views.append(b);
		}
		this.#sort.addEventListener('change', () => this.#setSorting(this.#sort.value, false));
		this.#select.addEventListener('click', () => this.#setSelecting(!this.#selecting));
		this.#tools.append(el('label', { class: 'search' }, icon('search'), this.#search), this.#filters, el('label', { class: 'sort' }, this.#sort), this.#columns, this.#views);
		if (!store.readOnly) this.#tools.append(this.#select);
		this.#buildColumns();
		this.element.append(el('div', { class: 'list-head' }, el('h1', { tabindex: -1 }, 'Channels'), this.#summary), this.#tools, this.#bulk.element,
			this.#list, this.#table, this.#noMatch, this.#empty);
		this.element.addEventListener('change', (e) => this.#onBox(/** @type {Element} */ (e.target)));
		this.#showView();
	}

	mount() {
		this.update(new Set(), true);
		this.#stopDrawing = animate(() => this.#items.forEach((r) => r.draw()));
	}

	unmount() {
		this.#stopDrawing();
		this.#visibility.disconnect();
	}

	/** @param {Set<string>} ids @param {boolean} all */
	update(ids, all) {
		const known = this.#items.size;
		let changed = all;
		if (all) for (const id of this.#items.keys()) if (!this.store.channels.has(id)) this.#updateItem(id);
		for (const id of all ? this.store.channels.keys() : ids) changed = this.#updateItem(id) || changed;
		this.#updateSummary();
		if (changed || known !== this.#items.size) this.#arrange();
		this.#applyFilter();
	}

	/** Updates the item of a channel, and reports whether it is new or gone. @param {string} id */
	#updateItem(id) {
		const c = this.store.channels.get(id);
		let item = this.#items.get(id);
		if (!c) {
			if (item) this.#visibility.unobserve(item.element);
			item?.element.remove();
			this.#selected.delete(id);
			return this.#items.delete(id);
		}
		if (!item) {
			item = new { cards: Card, table: TableRow, wall: Tile }[this.#view](this.store, c);
			item.box.checked = this.#selected.has(id);
			this.#items.set(id, item);
			this.#byElement.set(item.element, item);
			this.#visibility.observe(item.element);
			return true;
		}
		if (item.channel !== c) item.update(c);
		else if (item.visible) item.updateLive();
		return false;
	}

	/** @param {IntersectionObserverEntry[]} all */
	#updateVisibility(all) {
		for (const e of all) this.#byElement.get(e.target)?.setVisible(e.isIntersecting);
	}

	/** Puts the items into their order. */
	#arrange() {
		let all = [...this.store.channels.keys()].map((id) => this.#items.get(id)).filter((i) => i !== undefined);
		if (this.#sorting) {
			const key = keys[this.#sorting](this.store), of = new Map(all.map((i) => [i, key(i.channel)]));
			all.sort((a, b) => compare(of.get(a), of.get(b)));
		}
		if (this.#backwards) all = all.reverse();
		const focused = /** @type {HTMLElement | null} */ (document.activeElement);
		(this.#view === 'table' ? this.#body : this.#list).replaceChildren(...all.map((i) => i.element));
		if (focused?.isConnected && this.element.contains(focused)) focused.focus({ preventScroll: true });
	}

	/** @param {string} sorting @param {boolean} again turns the order round if it is that already */
	#setSorting(sorting, again) {
		this.#backwards = again && this.#sorting === sorting && !this.#backwards;
		this.#sorting = sorting;
		this.#sort.value = sorting;
		for (const th of this.#head.querySelectorAll('[data-sorting]')) {
			const is = /** @type {HTMLElement} */ (th).dataset.sorting === sorting;
			if (is) th.setAttribute('aria-sort', this.#backwards ? 'descending' : 'ascending');
			else th.removeAttribute('aria-sort');
		}
		this.#arrange();
	}

	/** @param {View} view */
	#setView(view) {
		if (view === this.#view) return;
		this.#view = view;
		localStorage.setItem('lilo-view', view);
		this.#visibility.disconnect();
		this.#items.clear();
		this.#list.replaceChildren();
		this.#body.replaceChildren();
		this.#showView();
		this.update(new Set(), true);
	}

	#showView() {
		this.#list.hidden = this.#view === 'table';
		this.#list.classList.toggle('wall', this.#view === 'wall');
		this.#table.hidden = this.#view !== 'table';
		this.#columns.hidden = this.#view !== 'table';
		for (const b of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#views.querySelectorAll('button'))) b.setAttribute('aria-pressed', String(b.value === this.#view));
	}

	/** Makes the head of the table, and the choice of its columns. */
	#buildColumns() {
		const head = (/** @type {string} */ key, /** @type {string} */ label, numeric = false) => {
			const b = button('', label, { class: 'quiet small' });
			b.addEventListener('click', () => this.#setSorting(key, true));
			return el('th', { scope: 'col', 'data-sorting': key, 'data-column': key, class: numeric ? 'num' : null }, b);
		};
		this.#head.append(el('td', { class: 'table-box' }), head('name', 'Name'), ...columns.map(([key, label, numeric]) => head(key, label, numeric)));
		const choices = columns.map(([key, label]) => {
			const box = /** @type {HTMLInputElement} */ (el('input', { type: 'checkbox', checked: !this.#hidden.has(key) }));
			box.addEventListener('change', () => {
				if (box.checked) this.#hidden.delete(key);
				else this.#hidden.add(key);
				localStorage.setItem('lilo-hidden-columns', [...this.#hidden].join(' '));
				this.#showColumns();
			});
			return el('label', { class: 'check' }, box, el('span', {}, label));
		});
		this.#columns.append(el('div', { class: 'columns-choice' }, choices));
		this.#showColumns();
	}

	#showColumns() {
		for (const [key] of columns) this.#table.classList.toggle(`no-${key}`, this.#hidden.has(key));
	}

	#updateSummary() {
		const all = [...this.store.channels.values()], on = all.filter((c) => c.state === 'RUNNING');
		const bits = on.reduce((sum, c) => sum + c.pipelines.reduce((s, p, i) => s + this.store.live(c.id, i).rate * Math.max(1, p.to.length), 0), 0);
		const alerts = all.reduce((sum, c) => sum + c.alerts.length, 0);
		setText(this.#summary, [`${on.length} on air`, `${all.length - on.length} off air`, bits > 0 && rate(bits), alerts > 0 && plural(alerts, 'alert')].filter(Boolean).join('  ·  '));
		const empty = this.store.loaded && all.length === 0;
		this.#summary.hidden = all.length === 0;
		this.#tools.hidden = all.length < 2;
		if (this.#tools.hidden && this.#selecting) this.#setSelecting(false);
		if (empty !== this.#empty.hasChildNodes()) this.#empty.replaceChildren(...(empty ? [this.#welcome()] : []));
	}

	#applyFilter() {
		const words = this.#tools.hidden ? [] : this.#search.value.trim().toLowerCase().split(/\s+/);
		let matches = 0;
		for (const item of this.#items.values()) {
			const match = this.#tools.hidden || this.#matches(item.channel, words);
			item.element.hidden = !match;
			if (match) matches++;
		}
		this.#noMatch.hidden = matches > 0 || this.#items.size === 0;
		this.#bulk.update(this.#chosen().length);
	}

	/** @param {Channel} c @param {string[]} words */
	#matches(c, words) {
		const on = c.state === 'RUNNING';
		if ((this.#filter === 'on' && !on) || (this.#filter === 'off' && on)) return false;
		if (this.#filter === 'alerts' && c.alerts.length === 0) return false;
		const all = [c.name, c.id, c.source, ...destinationsOf(c), ...tagsOf(c)].join('\n').toLowerCase();
		return words.every((w) => all.includes(w));
	}

	// Selecting.

	/** @param {boolean} selecting */
	#setSelecting(selecting) {
		this.#selecting = selecting;
		this.#select.setAttribute('aria-pressed', String(selecting));
		this.element.classList.toggle('selecting', selecting);
		this.#bulk.element.hidden = !selecting;
		if (selecting) return;
		this.#selected.clear();
		for (const i of this.#items.values()) i.box.checked = false;
		this.#bulk.update(0);
		this.#select.focus();
	}

	/** The selected channels that are shown. @returns {Channel[]} */
	#chosen() {
		return [...this.#items.values()].filter((i) => this.#selected.has(i.channel.id) && !i.element.hidden).map((i) => i.channel);
	}

	#selectAll() {
		for (const i of this.#items.values()) if (!i.element.hidden) this.#check(i, true);
		this.#bulk.update(this.#chosen().length);
	}

	/** @param {Item} item @param {boolean} checked */
	#check(item, checked) {
		item.box.checked = checked;
		if (checked) this.#selected.add(item.channel.id);
		else this.#selected.delete(item.channel.id);
	}

	/** @param {Element} target of a change */
	#onBox(target) {
		const item = target.classList.contains('row-box') && this.#byElement.get(/** @type {Element} */ (target.closest('.row, tr')));
		if (!item) return;
		this.#check(item, item.box.checked);
		this.#bulk.update(this.#chosen().length);
	}

	/** What is shown if there is no channel. */
	#welcome() {
		const clip = button('play', 'Play the bundled clip', { class: 'primary big' });
		clip.addEventListener('click', async () => {
			clip.disabled = true;
			await this.actions.clip();
			clip.disabled = false;
		});
		const own = button('plus', 'Use my own file', { class: 'big', onclick: () => this.actions.create() });
		const ring = new Ring();
		ring.draw({ lap: 1, position: 4, length: 10 }, true);
		return el('div', { class: 'welcome' },
			el('div', { class: 'welcome-ring' }, ring.element),
			el('h2', {}, 'No channel yet'),
			el('p', {}, 'A channel plays an MP4 file forever, like a live encoder: nothing in its transport stream shows where the file ends.'),
			this.store.readOnly
				? el('p', { class: 'muted' }, 'The channel has ended.')
				: el('div', { class: 'welcome-act' }, clip, own),
			!this.store.readOnly && el('p', { class: 'muted' }, 'The clip is sent to ', el('code', {}, 'rtp://127.0.0.1:5000'), ' on this machine. Its page here plays it too.'));
	}

	/** The items that are shown, in their order. */
	#shown() {
		return [...(this.#view === 'table' ? this.#body : this.#list).children].map((e) => this.#byElement.get(e)).filter((i) => i !== undefined && !i.element.hidden);
	}

	/** Moves the focus by some items. @param {number} by */
	moveFocus(by) {
		const all = this.#shown(), at = all.findIndex((i) => i?.element.contains(document.activeElement));
		all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus();
	}

	/** Starts or stops the channel that has the focus. */
	toggle() {
		if (!this.store.readOnly) this.#shown().find((i) => i?.element.contains(document.activeElement))?.toggle();
	}

	focusSearch() {
		if (!this.#tools.hidden) this.#search.focus();
	}
}

/** @param {any} a @param {any} b */
function compare(a, b) {
	return typeof a === 'string' ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
}

/**
 * Fills a group with buttons, one of which is pressed.
 * @param {HTMLElement} group @param {[string, string][]} choices @param {string} first @param {(choice: string) => void} choose
 */
function tabs(group, choices, first, choose) {
	for (const [choice, label] of choices) {
		const b = button('', label, { 'aria-pressed': String(choice === first) });
		b.addEventListener('click', () => {
			for (const other of group.children) other.setAttribute('aria-pressed', String(other === b));
			choose(choice);
		});
		group.append(b);
	}
}
