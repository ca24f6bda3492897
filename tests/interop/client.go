package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strconv"
	"strings"
	"sync"

	"github.com/lucas-clemente/quic-go"
)

func runClient(credentials *tls.Config, settings *quic.Config) error {
	connection, err := quic.DialAddr(*connect, credentials, settings)
	if err != nil {
		return err
	}
	fmt.Println("connected alpn=" + connection.ConnectionState().TLS.NegotiatedProtocol)
	for _, command := range strings.Split(*do, ",") {
		word, argument, _ := strings.Cut(command, ":")
		number, _ := strconv.ParseUint(argument, 10, 62)
		switch word {
		case "close":
			connection.CloseWithError(quic.ApplicationErrorCode(number), "enough")
			fmt.Println("ok", command)
			return nil
		case "wait":
			<-connection.Context().Done()
			_, err := connection.AcceptStream(context.Background())
			return err
		case "streams":
			err = echoOnMany(connection, int(number))
		default:
			err = request(connection, word[0], number)
		}
		if err != nil {
			fmt.Println("failed", command)
			return err
		}
		fmt.Println("ok", command)
	}
	return connection.CloseWithError(0, "")
}

// echoOnMany opens far more streams than are permitted at a time.
func echoOnMany(connection quic.Connection, count int) error {
	var group sync.WaitGroup
	results := make(chan error, count)
	for index := 0; index < count; index++ {
		group.Add(1)
		go func() {
			defer group.Done()
			results <- request(connection, 'e', 700)
		}()
	}
	group.Wait()
	close(results)
	for err := range results {
		if err != nil {
			return err
		}
	}
	return nil
}

func request(connection quic.Connection, command byte, number uint64) error {
	stream, err := connection.OpenStreamSync(context.Background())
	if err != nil {
		return err
	}
	header := make([]byte, headerLength)
	header[0] = command
	binary.BigEndian.PutUint64(header[1:], number)
	if _, err = stream.Write(header); err != nil {
		return err
	}
	switch command {
	case 'e':
		return echo(stream, number)
	case 'u':
		return upload(stream, number)
	case 'd':
		return download(stream, number)
	case 'r':
		_, err = io.ReadAll(stream)
		return expectCode(err, number)
	case 's':
		chunk := make([]byte, 10000)
		for err == nil {
			_, err = stream.Write(chunk)
		}
		return expectCode(err, number)
	default:
		// The server closes the connection: the read ends with that.
		_, err = io.ReadAll(stream)
		return err
	}
}

func echo(stream quic.Stream, length uint64) error {
	data := make([]byte, length)
	rand.New(rand.NewSource(int64(length))).Read(data)
	go func() {
		stream.Write(data)
		stream.Close()
	}()
	returned, err := io.ReadAll(stream)
	if err == nil && !bytes.Equal(data, returned) {
		err = errors.New("the echo differs")
	}
	return err
}

func upload(stream quic.Stream, length uint64) error {
	hash := sha256.New()
	source := io.LimitReader(rand.New(rand.NewSource(int64(length))), int64(length))
	if _, err := io.Copy(io.MultiWriter(stream, hash), source); err != nil {
		return err
	}
	stream.Close()
	returned, err := io.ReadAll(stream)
	if err == nil && !bytes.Equal(hash.Sum(nil), returned) {
		err = errors.New("the hash differs")
	}
	return err
}

func download(stream quic.Stream, length uint64) error {
	stream.Close()
	hash := sha256.New()
	if _, err := io.CopyN(hash, stream, int64(length)); err != nil {
		return err
	}
	sum, err := io.ReadAll(stream)
	if err == nil && !bytes.Equal(hash.Sum(nil), sum) {
		err = errors.New("the hash differs")
	}
	return err
}

func expectCode(err error, code uint64) error {
	var stream *quic.StreamError
	if errors.As(err, &stream) && uint64(stream.ErrorCode) == code {
		return nil
	}
	return fmt.Errorf("expected the stream error %d, got: %w", code, err)
}
