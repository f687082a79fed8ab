// Applies the stored theme before the page is drawn, so that it does not flash.
{
	const stored = localStorage.getItem('lilo-theme');
	if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
}
