// Creates and updates elements.

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * Creates an element. Properties that begin with "on" are listeners; null, undefined
 * and false omit a property; true sets an empty attribute.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...any} children nodes and text; null and false are omitted
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
	return /** @type {HTMLElement} */ (fill(document.createElement(tag), props, children));
}

/**
 * Creates an SVG element.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...any} children
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
	return /** @type {SVGElement} */ (fill(document.createElementNS(svgNamespace, tag), props, children));
}

/** @param {Element} node @param {Record<string, any>} props @param {any[]} children */
function fill(node, props, children) {
	for (const [key, value] of Object.entries(props)) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
		else if (key === 'value') /** @type {any} */ (node).value = value;
		else node.setAttribute(key, value === true ? '' : String(value));
	}
	for (const child of children.flat()) {
		if (child !== null && child !== undefined && child !== false) node.append(child);
	}
	return node;
}

/**
 * Sets an element's text if it differs, so that nothing is redrawn or read out again.
 * @param {Element} node @param {string} text
 */
export function setText(node, text) {
	if (node.textContent !== text) node.textContent = text;
}

const paths = {
	plus: 'M12 5v14M5 12h14',
	play: 'M8 5.5v13l10.5-6.5z',
	pause: 'M8 5.5v13M16 5.5v13',
	stop: 'M7 7h10v10H7z',
	trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6',
	copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
	check: 'M5 12.5l4.5 4.5L19 7.5',
	sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
	moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
	auto: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
	muted: 'M4 9.5h3.5L12 5.5v13l-4.5-4H4zM16 9.5l5 5M21 9.5l-5 5',
	sound: 'M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
	full: 'M5 9.5V5h4.5M14.5 5H19v4.5M19 14.5V19h-4.5M9.5 19H5v-4.5',
	back: 'M14.5 5.5L8 12l6.5 6.5',
	file: 'M12 4.5v10M8 11l4 4 4-4M5 19.5h14',
	alert: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.2',
	note: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5.5M12 7.6v.2',
	close: 'M6 6l12 12M18 6L6 18',
	keys: 'M3 7h18v10.5H3zM6.5 10.2h.2M10 10.2h.2M13.7 10.2h.2M17.3 10.2h.2M8 14.3h8',
	search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5',
	leave: 'M13.5 4.5h6v15h-6M3.5 12H14M10.5 8.5L14 12l-3.5 3.5',
	bolt: 'M13 3L5.5 13.5H11L10 21l8-11h-6z',
	cards: 'M4 5.5h16v5.5H4zM4 13.5h16V19H4z',
	table: 'M4 5h16v14H4zM4 9.7h16M4 14.3h16M10 5v14',
	wall: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
	tag: 'M4 4.5h8l8 8-7.5 7.5-8.5-8.5zM8.2 8.7h.2',
	edit: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5',
	clone: 'M8 8h11.5v11.5H8zM16 8V4.5H4.5V16H8',
	folder: 'M3.5 6h6l2 2.5h9V18h-17z',
	loop: 'M19 12a7 7 0 1 1-2.6-5.4M17 3.5v3.6h-3.6',
};

/**
 * Draws an icon. Its meaning is in the text beside it or the label of its button.
 * @param {keyof typeof paths} name
 */
export function icon(name) {
	return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, svg('path', { d: paths[name] }));
}

/**
 * A button with an icon and a label.
 * @param {keyof typeof paths | ''} name @param {string} label @param {Record<string, any>} [props]
 */
export function button(name, label, props = {}) {
	return /** @type {HTMLButtonElement} */ (el('button', { type: 'button', ...props }, name && icon(name), el('span', {}, label)));
}

/**
 * Copies text, even if the page came from another machine without TLS.
 * @param {string} text @returns {Promise<boolean>}
 */
export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = el('textarea', { class: 'offscreen', 'aria-hidden': 'true', value: text });
		(document.querySelector('dialog[open]') ?? document.body).append(area);
		/** @type {HTMLTextAreaElement} */ (area).select();
		const done = document.execCommand('copy');
		area.remove();
		return done;
	}
}

/**
 * Text with a button that copies it.
 * @param {string} text @param {string} what names it for assistive technology @param {string} [label] is shown before it
 */
export function copyable(text, what, label = '') {
	const control = button('copy', 'Copy', { class: 'quiet small', 'aria-label': `Copy ${what}` });
	control.addEventListener('click', async () => {
		const done = await copy(text);
		control.replaceChildren(icon(done ? 'check' : 'alert'), el('span', {}, done ? 'Copied' : 'Failed'));
		announce(done ? `Copied ${what}` : `Cannot copy ${what}: select the text`);
		setTimeout(() => control.replaceChildren(icon('copy'), el('span', {}, 'Copy')), 1600);
	});
	return el('div', { class: 'copyable' }, label && el('span', { class: 'copyable-label' }, label), el('code', { tabindex: 0 }, words(text)), control);
}

/** The words of a command, which wrap between words rather than at hyphens. @param {string} text */
function words(text) {
	return text.split(' ').flatMap((word, i) => [i > 0 && ' ', el('span', {}, word)]);
}

/**
 * Announces something to assistive technology.
 * @param {string} text
 */
export function announce(text) {
	toast(text, 'hidden');
}

/**
 * Shows a message at the edge of the page for some seconds.
 * @param {string} text @param {'done' | 'bad' | 'hidden'} [kind]
 */
export function toast(text, kind = 'done') {
	const box = document.getElementById('toasts');
	if (!box) return;
	const message = el('div', { class: `toast ${kind}`, role: kind === 'bad' ? 'alert' : null }, kind !== 'hidden' && icon(kind === 'bad' ? 'alert' : 'check'), el('span', {}, text));
	box.append(message);
	setTimeout(() => message.remove(), kind === 'bad' ? 9000 : 3500);
}
