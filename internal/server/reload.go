package server

import (
	"context"

	"github.com/coreos/go-systemd/v22/daemon"
)

// reload reads the configuration, the credentials and the certificate again. An
// error in any of them leaves everything as it was.
func (s *Server) reload(ctx context.Context) {
	notify(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec()) // Type=notify-reload
	defer notify(daemon.SdNotifyReady)
	config, err := s.reloadFiles()
	if err != nil {
		s.print("nothing was changed: " + err.Error())
		return
	}
	for _, key := range config.changed(s.config) {
		s.print(key + " has changed: restart the server to apply it")
	}
	s.config = config
	if s.env.ConfigPath != "" {
		s.declared.apply(ctx, config.Channels, false)
	}
	s.print("the configuration was read again")
}

// reloadFiles reads the files, and applies the credentials and the certificate.
func (s *Server) reloadFiles() (*Config, error) {
	config := s.config
	if s.env.ConfigPath != "" {
		var err error
		if config, err = ReadConfig(s.env.ConfigPath, s.config.defaults); err != nil {
			return nil, err
		}
	}
	credentials, err := s.opts.readCredentials()
	if err != nil {
		return nil, err
	}
	cert, err := s.opts.certificate(s.env.Machine.Now())
	if err != nil {
		return nil, err
	}
	s.access.current.Store(credentials)
	s.cert.Store(cert)
	return config, nil
}
