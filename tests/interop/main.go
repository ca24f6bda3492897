// A QUIC peer for the interoperability tests of MqttScion.Quic, on quic-go 0.29 of Debian 12.
//
// Both sides speak the same small protocol. A client opens a bidirectional stream and sends a command byte and a
// 64-bit number in network order; what follows depends on the command:
//
//	e  echo: the rest of the stream comes back
//	u  up: the rest of the stream is hashed, and its SHA-256 comes back
//	d  down: that many bytes come back, and then their SHA-256
//	D  as d, with the bytes of the file that -content names, and zeros in place of the SHA-256
//	r  reset: the server resets its side with that code
//	s  stop: the server asks the client to stop sending with that code, and ends its side
//	c  close: the server closes the connection with that code
//
// The server also returns each DATAGRAM frame when -datagrams is given. With -relay it takes no commands: a stream and a
// TCP connection of its own carry each other's bytes, as in front of an MQTT broker.
//
// What happens is told on standard output, a line each: "listening", "connected", "resumed", "ticket", "ok", "failed",
// "closed".
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	_ "unsafe" // For go:linkname.

	"github.com/lucas-clemente/quic-go"
)

// quic-go has no public setting for how soon keys are updated.
//
//go:linkname keyUpdateInterval github.com/lucas-clemente/quic-go/internal/handshake.KeyUpdateInterval
var keyUpdateInterval uint64

var (
	listen  = flag.Bool("listen", false, "be the server")
	port    = flag.Int("port", 0, "server: the port; 0 is a free one")
	connect = flag.String("connect", "", "be the client of this address")
	do      = flag.String("do", "", "client: commands such as e:11000,d:20000000,close:7,wait; again and resume "+
		"connect once more, the latter with a session ticket")
	name     = flag.String("name", "", "client: the server's name")
	pki      = flag.String("pki", "", "folder with ca.pem, cert.pem and key.pem")
	alpn     = flag.String("alpn", "mqtt", "the application protocols, the preferred first")
	retry    = flag.Bool("retry", false, "server: answer with a Retry packet first")
	versions = flag.String("versions", "1", "QUIC versions, the preferred first: 1, 2, draft29")
	idLength = flag.Int("id-length", 0, "length of our connection ids; 0 is the default of the role")
	update   = flag.Uint64("update-keys", 0, "update the keys after so many packets")
	early    = flag.Bool("early", false, "offer or accept 0-RTT")
	grams    = flag.Bool("datagrams", false, "take DATAGRAM frames")
	idle     = flag.Duration("idle", 0, "the idle timeout; 0 is 30 s")
	alive    = flag.Duration("keep-alive", 0, "how often to send after silence; 0 is never")
	content  = flag.String("content", "", "server: the file behind D")
	save     = flag.String("save", "", "client: where to put what comes for D")
	window   = flag.Uint64("window", 0, "what the peer may send on a connection beyond what was read; 0 is quic-go's")
	sWindow  = flag.Uint64("stream-window", 0, "the same for each stream")
	relay    = flag.String("relay", "", "server: the TCP address to which each stream goes, in place of the commands")
	resetKey = flag.String("reset-key", "", "what stateless reset tokens are made of; without it there are none")
)

func main() {
	flag.Parse()
	if *update > 0 {
		keyUpdateInterval = *update
	}
	settings := &quic.Config{
		Versions:                 parseVersions(),
		ConnectionIDLength:       *idLength,
		RequireAddressValidation: func(net.Addr) bool { return *retry },
		EnableDatagrams:          *grams,
		MaxIdleTimeout:           *idle,
		KeepAlivePeriod:          *alive,
		StatelessResetKey:        []byte(*resetKey),
		TokenStore:               quic.NewLRUTokenStore(1, 4),

		InitialConnectionReceiveWindow: *window,
		MaxConnectionReceiveWindow:     *window,
		InitialStreamReceiveWindow:     *sWindow,
		MaxStreamReceiveWindow:         *sWindow,
	}
	var err error
	if *listen {
		err = serve(tlsSettings(), settings)
	} else {
		err = runClient(tlsSettings(), settings)
	}
	if err != nil {
		fmt.Println(describe(err))
		os.Exit(1)
	}
}

func parseVersions() []quic.VersionNumber {
	known := map[string]quic.VersionNumber{"1": quic.Version1, "2": quic.Version2, "draft29": quic.VersionDraft29}
	var list []quic.VersionNumber
	for _, text := range strings.Split(*versions, ",") {
		list = append(list, known[text])
	}
	return list
}

func tlsSettings() *tls.Config {
	authority, err := os.ReadFile(*pki + "/ca.pem")
	exitOn(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	settings := &tls.Config{
		RootCAs:    pool,
		ClientCAs:  pool,
		ClientAuth: tls.RequireAndVerifyClientCert,
		NextProtos: strings.Split(*alpn, ","),
		ServerName: *name,
	}
	if *connect != "" {
		settings.ClientSessionCache = tickets
	}
	pair, err := tls.LoadX509KeyPair(*pki+"/cert.pem", *pki+"/key.pem")
	if err == nil {
		// Offered whatever authorities the server names: a refusal must be the server's.
		settings.Certificates = []tls.Certificate{pair}
		settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &pair, nil
		}
	}
	return settings
}

// describe says how a connection ended: the kind, the code, and which side ended it.
func describe(err error) string {
	var application *quic.ApplicationError
	if errors.As(err, &application) {
		return fmt.Sprintf("closed application code=%d remote=%t reason=%q",
			application.ErrorCode, application.Remote, application.ErrorMessage)
	}
	var transport *quic.TransportError
	if errors.As(err, &transport) {
		return fmt.Sprintf("closed transport code=%d remote=%t reason=%q",
			transport.ErrorCode, transport.Remote, transport.ErrorMessage)
	}
	var reset *quic.StatelessResetError
	if errors.As(err, &reset) {
		return "closed by a stateless reset"
	}
	var silence *quic.IdleTimeoutError
	if errors.As(err, &silence) {
		return "closed after silence"
	}
	return fmt.Sprintf("closed otherwise: %v", err)
}

func exitOn(err error) {
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
}
