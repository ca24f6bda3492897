using System.Net.Sockets;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <content>Datagrams in and out.</content>
internal sealed partial class EndpointLoop
{
    bool ISocketLoopOwner.Receive(int socketIndex, TimeSpan now)
    {
        if (!_socket.TryReceive(out var datagram))
        {
            return _socket.HasPackets;
        }
        if (datagram.IsScmp)
        {
            OnScmp(datagram, now);
        }
        else
        {
            OnDatagram(datagram, now);
        }
        return true;
    }

    private void TakeUnreachable()
    {
        for (var i = 0; i < MaxErrorsPerTurn && _socket.TryTakeUnreachable(out var remote, out var reason); i++)
        {
            OnUnreachable(remote, reason);
        }
    }

    // RFC 8085 §5.2: an error may be forged by whoever guesses the ports. Once a peer has proven that it is there, what
    // it sends counts, and nothing that others say.
    private void OnUnreachable(ScionEndPoint remote, UdpUnreachable reason)
    {
        if (_connections.NewestOf(remote) is not { } connection)
        {
            return;
        }
        if (connection.Quic.IsHandshakeConfirmed)
        {
            _socket.IgnoreUnreachable(); // Each further one would cost it a flight.
        }
        else
        {
            Remove(connection);
            connection.Application.OnLoopEnded(reason switch
            {
                UdpUnreachable.Port => new SocketException(
                    (int)SocketError.ConnectionRefused, "nothing listens on this UDP port (ICMP port unreachable)"),
                UdpUnreachable.Host => new SocketException(
                    (int)SocketError.HostUnreachable, "the host is not there (ICMP host unreachable)"),
                _ => new SocketException(
                    (int)SocketError.NetworkUnreachable, "no route leads there (ICMP network unreachable)"),
            });
        }
    }

    private void OnDatagram(in ScionDatagram datagram, TimeSpan now)
    {
        if (_quic.TryRoute(datagram.Payload, out var quic))
        {
            Receive((LoopConnection)quic.Owner!, datagram, now);
        }
        else if (_accept is not null)
        {
            Accept(datagram, now);
        }
    }

    private void Receive(LoopConnection connection, in ScionDatagram datagram, TimeSpan now)
    {
        var entry = connection.Paths.Match(datagram);
        if (entry is not null)
        {
            entry.LastReceived = now;
            connection.Quic.Receive(datagram.Payload, entry.PathId, Ecn(datagram), now);
        }
        else
        {
            ReceiveOnNewPath(connection, datagram, now);
        }
        MarkDirty(connection);
    }

    // A path that we have not seen counts only when what came on it is authentic: forged packets must not push known
    // paths out.
    private static void ReceiveOnNewPath(LoopConnection connection, in ScionDatagram datagram, TimeSpan now)
    {
        if (connection.Paths.Propose(datagram) is not { } candidate)
        {
            return;
        }
        Open(connection, candidate);
        if (!connection.Quic.Receive(datagram.Payload, candidate.PathId, Ecn(datagram), now))
        {
            connection.Quic.ClosePath(candidate.PathId);
            return;
        }
        candidate.LastReceived = now;
        connection.Paths.Accept(candidate);
        Evict(connection);
    }

    private void Accept(in ScionDatagram datagram, TimeSpan now)
    {
        var paths = _socket.CreatePaths(datagram.Source);
        if (paths.Propose(datagram) is not { } entry)
        {
            return;
        }
        Span<byte> address = stackalloc byte[ValidatedAddress.MaxLength];
        var arrival = new QuicArrival
        {
            Address = address[..ValidatedAddress.Write(datagram.Source, address)],
            PathId = entry.PathId,
            MaxDatagramBytes = PathEntry.LeastDatagramBytes,
            MaxProbedDatagramBytes = entry.MaxProbedDatagramBytes,
            HeadroomBytes = entry.Headroom,
        };
        var room = _flight.AsSpan(entry.Headroom);
        if (!_quic.TryAccept(datagram.Payload, arrival, now, room, out var answerLength, out var quic))
        {
            if (answerLength > 0)
            {
                var length = entry.Headroom + answerLength;
                _socket.Send(_flight.AsSpan(0, length), length, entry);
            }
            return;
        }
        _offload?.Bind(quic);
        // A forged first datagram must leave nothing behind: no application is told of it.
        if (!quic.Receive(datagram.Payload, entry.PathId, Ecn(datagram), now)
            || _accept!(datagram.Source) is not { } application)
        {
            quic.Dispose();
            return;
        }
        entry.LastReceived = now;
        paths.Accept(entry);
        Attach(quic, paths, application, new AnsweringPaths(this, _log), now);
    }

    // Both have the values on the wire.
    private static EcnCodepoint Ecn(in ScionDatagram datagram) => (EcnCodepoint)datagram.Ecn;

    private void OnScmp(in ScionDatagram datagram, TimeSpan now)
    {
        var reaction = _watch is null ? ReactToReport(datagram, now) : _watch.Receive(datagram, now);
        if (reaction is not null)
        {
            TransportLog.ScmpReceived(_log, datagram.Source, datagram.Scmp, reaction.Value);
        }
    }

    // Anyone can send an SCMP error: only one that quotes a packet of a connection counts. That the quote names our
    // address as its source, the socket has checked.
    private bool IsOurs(in ScmpQuote quote) => FindSender(quote) is not null;

    private LoopConnection? FindSender(in ScmpQuote quote)
    {
        // As many as the remote has: of the others, an error costs nothing.
        for (var c = _connections.NewestOf(quote.Destination); c is not null; c = c.Older)
        {
            if (c.Quic.Recognizes(quote.Payload))
            {
                return c;
            }
        }
        return null;
    }

    /// <summary>
    /// Advances every connection that was marked and sends what it has. False when some has more to send.
    /// </summary>
    private bool FlushDirty(TimeSpan now)
    {
        _turn.Clear();
        _turn.AddRange(_dirty);
        _dirty.Clear();
        var sentAll = true;
        foreach (var connection in _turn)
        {
            connection.IsDirty = false;
            if (!connection.IsOnLoop)
            {
                continue;
            }
            connection.Advance(now);
            if (!connection.IsDrained && !Transmit(connection, now))
            {
                sentAll = false;
                MarkDirty(connection);
            }
            if (connection.IsDrained && connection.Application.IsFinished)
            {
                Remove(connection);
            }
            else
            {
                Schedule(connection);
            }
        }
        return sentAll;
    }

    private bool Transmit(LoopConnection connection, TimeSpan now)
    {
        if (IsUnmapped(connection))
        {
            _unmapped.Add(connection);
            return true;
        }
        for (var flights = 0; flights < MaxFlightsPerTurn; flights++)
        {
            if (!connection.Quic.TryTransmit(_flight, MaxSegments, now, out var transmit))
            {
                return true;
            }
            if (connection.Paths.Find(transmit.PathId) is { } path)
            {
                Send(connection, path, transmit, now);
            }
        }
        return false;
    }

    // Behind a NAT, what leaves before the router has told our address would be answered to nowhere.
    private bool IsUnmapped(LoopConnection connection) =>
        _watch is { UsesStun: true }
        && connection.Paths.Find(connection.Quic.CurrentPathId) is { } path
        && _watch.IsAwaitingStun(path);

    private void RetryUnmapped()
    {
        foreach (var connection in _unmapped)
        {
            MarkDirty(connection);
        }
        _unmapped.Clear();
    }

    private void Send(LoopConnection connection, PathEntry path, in QuicTransmit transmit, TimeSpan now)
    {
        var result = _socket.Send(
            _flight.AsSpan(0, transmit.Length), path.Headroom + transmit.SegmentSize, path, transmit.Ecn);
        if (result == UdpSendResult.TooLarge)
        {
            Narrow(connection, path, transmit.SegmentSize - 1, now);
        }
    }
}
