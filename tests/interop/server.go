package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"

	"github.com/lucas-clemente/quic-go"
)

const headerLength = 9

func serve(credentials *tls.Config, settings *quic.Config) error {
	listener, err := quic.ListenAddr("127.0.0.1:0", credentials, settings)
	if err != nil {
		return err
	}
	fmt.Println("listening", listener.Addr())
	for {
		connection, err := listener.Accept(context.Background())
		if err != nil {
			return err
		}
		go serveConnection(connection)
	}
}

func serveConnection(connection quic.Connection) {
	state := connection.ConnectionState().TLS
	fmt.Printf("connected alpn=%s peer=%s\n", state.NegotiatedProtocol, state.PeerCertificates[0].Subject.CommonName)
	for {
		stream, err := connection.AcceptStream(context.Background())
		if err != nil {
			fmt.Println(describe(err))
			return
		}
		go serveStream(connection, stream)
	}
}

func serveStream(connection quic.Connection, stream quic.Stream) {
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
