package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"

	"github.com/lucas-clemente/quic-go"
)

const headerLength = 9

// hashLength is how many bytes follow those that D asks for.
const hashLength = sha256.Size

var contentBytes []byte

func serve(credentials *tls.Config, settings *quic.Config) error {
	if *content != "" {
		var err error
		if contentBytes, err = os.ReadFile(*content); err != nil {
			return err
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d", *port)
	if *early {
		return serveEarly(address, credentials, settings)
	}
	listener, err := quic.ListenAddr(address, credentials, settings)
	if err != nil {
		return err
	}
	fmt.Println("listening", listener.Addr())
	for {
		connection, err := listener.Accept(context.Background())
		if err != nil {
			return err
		}
		tellPeer(connection)
		go serveConnection(connection)
	}
}

// serveEarly serves streams before the handshake is done: what came as 0-RTT is answered at once.
func serveEarly(address string, credentials *tls.Config, settings *quic.Config) error {
	listener, err := quic.ListenAddrEarly(address, credentials, settings)
	if err != nil {
		return err
	}
	fmt.Println("listening", listener.Addr())
	for {
		connection, err := listener.Accept(context.Background())
		if err != nil {
			return err
		}
		go func() {
			<-connection.HandshakeComplete().Done()
			tellPeer(connection)
		}()
		go serveConnection(connection)
	}
}

func tellPeer(connection quic.Connection) {
	state := connection.ConnectionState().TLS
	if len(state.PeerCertificates) == 0 {
		return // The handshake failed; the loop over its streams tells why.
	}
	fmt.Printf("connected alpn=%s peer=%s\n", state.NegotiatedProtocol, state.PeerCertificates[0].Subject.CommonName)
	fmt.Printf("resumed=%t early=%t\n", state.DidResume, state.Used0RTT)
}

func serveConnection(connection quic.Connection) {
	if *grams {
		go returnDatagrams(connection)
	}
	for {
		stream, err := connection.AcceptStream(context.Background())
		if err != nil {
			fmt.Println(describe(err))
			return
		}
		go serveStream(connection, stream)
	}
}

func relayStream(stream quic.Stream) {
	target, err := net.Dial("tcp", *relay)
	if err != nil {
		fmt.Println("failed relay:", err)
		stream.CancelWrite(1)
		return
	}
	go func() {
		io.Copy(target, stream)
		target.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(stream, target)
	stream.Close()
	target.Close()
}

func returnDatagrams(connection quic.Connection) {
	for {
		datagram, err := connection.ReceiveMessage()
		if err != nil {
			return
		}
		if err = connection.SendMessage(datagram); err != nil {
			fmt.Println("failed datagram:", err)
		}
	}
}

func serveStream(connection quic.Connection, stream quic.Stream) {
	if *relay != "" {
		relayStream(stream)
		return
	}
	header := make([]byte, headerLength)
	if _, err := io.ReadFull(stream, header); err != nil {
		return
	}
	number := binary.BigEndian.Uint64(header[1:])
	switch header[0] {
	case 'e':
		if _, err := io.Copy(stream, stream); err != nil {
			return
		}
	case 'u':
		hash := sha256.New()
		if _, err := io.Copy(hash, stream); err != nil {
			return
		}
		stream.Write(hash.Sum(nil))
	case 'd':
		hash := sha256.New()
		source := io.LimitReader(rand.New(rand.NewSource(int64(number))), int64(number))
		if _, err := io.Copy(io.MultiWriter(stream, hash), source); err != nil {
			return
		}
		stream.Write(hash.Sum(nil))
	case 'D':
		if number > uint64(len(contentBytes)) {
			stream.CancelWrite(1)
			return
		}
		if _, err := stream.Write(contentBytes[:number]); err != nil {
			return
		}
		stream.Write(make([]byte, hashLength))
	case 'r':
		stream.CancelWrite(quic.StreamErrorCode(number))
		return
	case 's':
		stream.CancelRead(quic.StreamErrorCode(number))
	case 'c':
		connection.CloseWithError(quic.ApplicationErrorCode(number), "as asked")
		return
	}
	stream.Close()
}
