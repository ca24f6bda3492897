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
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lucas-clemente/quic-go"
)

func runClient(credentials *tls.Config, settings *quic.Config) error {
	connection, err := dial(credentials, settings)
	for _, command := range strings.Split(*do, ",") {
		if err != nil {
			return err
		}
		if command == "again" || command == "resume" {
			if connection, err = dialAgain(connection, command == "resume", credentials, settings); err != nil {
				return err
			}
			continue
		}
		if err = run(connection, command); err == nil {
			fmt.Println("ok", command)
		} else if command != "wait" {
			fmt.Println("failed", command)
		}
	}
	if err == nil {
		err = connection.CloseWithError(0, "")
	}
	return err
}

func dialAgain(
	last quic.Connection, withTicket bool, credentials *tls.Config, settings *quic.Config,
) (quic.Connection, error) {
	if withTicket {
		if err := tickets.wait(); err != nil {
			return nil, err
		}
	}
	last.CloseWithError(0, "")
	return dial(credentials, settings)
}

func dial(credentials *tls.Config, settings *quic.Config) (quic.Connection, error) {
	if *early {
		connection, err := quic.DialAddrEarly(*connect, credentials, settings)
		if err == nil {
			go func() {
				<-connection.HandshakeComplete().Done()
				tellSession(connection)
			}()
		}
		return connection, err
	}
	connection, err := quic.DialAddr(*connect, credentials, settings)
	if err == nil {
		tellSession(connection)
	}
	return connection, err
}

func tellSession(connection quic.Connection) {
	state := connection.ConnectionState().TLS
	fmt.Println("connected alpn=" + state.NegotiatedProtocol)
	fmt.Printf("resumed=%t early=%t\n", state.DidResume, state.Used0RTT)
}

func run(connection quic.Connection, command string) error {
	word, argument, _ := strings.Cut(command, ":")
	number, _ := strconv.ParseUint(argument, 10, 62)
	switch word {
	case "close":
		return connection.CloseWithError(quic.ApplicationErrorCode(number), "enough")
	case "wait":
		<-connection.Context().Done()
		_, err := connection.AcceptStream(context.Background())
		return err
	case "streams":
		return echoOnMany(connection, int(number))
	case "datagrams":
		return exchangeDatagrams(connection, int(number))
	default:
		return request(connection, word[0], number)
	}
}

// exchangeDatagrams sends one at a time until enough of them came back: some may get lost.
func exchangeDatagrams(connection quic.Connection, count int) error {
	returned := make(chan []byte)
	go func() {
		for {
			datagram, err := connection.ReceiveMessage()
			if err != nil {
				close(returned)
				return
			}
			returned <- datagram
		}
	}()
	for index := 0; index < count; {
		datagram := bytes.Repeat([]byte{byte(index)}, 100+index)
		if err := connection.SendMessage(datagram); err != nil {
			return err
		}
		select {
		case answer, open := <-returned:
			if !open {
				return errors.New("the connection ended")
			}
			if bytes.Equal(answer, datagram) {
				index++
			}
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
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
	case 'D':
		return saveContent(stream, number)
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

func saveContent(stream quic.Stream, length uint64) error {
	stream.Close()
	file, err := os.Create(*save)
	if err != nil {
		return err
	}
	defer file.Close()
	buffer := make([]byte, 64*1024)
	// Without the wrapper the file would choose its own, smaller buffer.
	count, err := io.CopyBuffer(struct{ io.Writer }{file}, io.LimitReader(stream, int64(length)), buffer)
	if err == nil && uint64(count) != length {
		err = fmt.Errorf("%d bytes came instead of %d", count, length)
	}
	if err == nil {
		_, err = io.ReadAll(stream)
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
