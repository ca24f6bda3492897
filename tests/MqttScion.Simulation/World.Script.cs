namespace MqttScion.Simulation;

/// <content>What the script makes happen.</content>
internal sealed partial class World
{
    private void Happen(ScriptedEvent item)
    {
        var host = item.OnServer ? Server : Client;
        var path = item.Value % Plan.Paths.Count;
        Trace?.WriteLine($"{Elapsed.TotalMilliseconds,12:0.000} {item}");
        switch (item.Kind)
        {
            case ScriptedEventKind.SelectPath:
                host.SelectPath(path);
                break;
            case ScriptedEventKind.ProbePath:
                host.ProbePath(path);
                break;
            case ScriptedEventKind.ReopenPath:
                // No owner takes away the path that the peer uses.
                if ((item.OnServer ? Client : Server).Main?.CurrentPathId != path)
                    host.ReopenPath(path);
                break;
            case ScriptedEventKind.ShrinkPath:
                host.ShrinkPath(path, 1200 + item.Value % 200);
                break;
            case ScriptedEventKind.Pause:
                host.Pause(item.Span);
                break;
            case ScriptedEventKind.Vanish:
                host.IsVanished = true;
                break;
            case ScriptedEventKind.Close:
                host.Close(CloseCode(item.OnServer));
                break;
            case ScriptedEventKind.SendDatagram:
                host.SendDatagram((ulong)item.At.Ticks << 16 | (uint)item.Value);
                break;
            default:
                Attack(item, path);
                break;
        }
    }

    /// <summary>What somebody does who sees all datagrams, can send any, and has no keys.</summary>
    private void Attack(ScriptedEvent item, int path)
    {
        if (item.Kind == ScriptedEventKind.NegotiateVersion)
        {
            NegotiateVersion(path);
            return;
        }

        if (Wire.Captured.Count == 0)
            return;
        var captured = Wire.Captured[_random.Below(Wire.Captured.Count)];
        var bytes = captured.Span.ToArray();
        // A forged version negotiation may end a client, since nothing in it is authentic.
        var isVersionNegotiation = bytes.Length > 4 && !bytes.AsSpan(1, 4).ContainsAnyExcept((byte)0);
        if (item.Kind == ScriptedEventKind.Noise)
        {
            bytes = new byte[_random.Between(1, 1400)];
            _random.Fill(bytes);
        }
        else if (item.Kind == ScriptedEventKind.Forge)
        {
            Forge(bytes);
        }

        isVersionNegotiation |= bytes.Length > 4 && !bytes.AsSpan(1, 4).ContainsAnyExcept((byte)0);
        var length = _random.OneIn(4) ? _random.Below(bytes.Length) : bytes.Length;
        if (!isVersionNegotiation)
            Wire.Inject(captured.ToServer, path, bytes.AsSpan(0, length), Elapsed);
    }

    private void Forge(byte[] bytes)
    {
        const int headBytes = 40;
        for (var count = _random.Between(1, 4); count > 0; count--)
        {
            var index = _random.Below(_random.OneIn(2) ? bytes.Length : Math.Min(bytes.Length, headBytes));
            bytes[index] ^= (byte)_random.Between(1, 255);
        }
    }

    private void NegotiateVersion(int path)
    {
        foreach (var captured in Wire.Captured)
        {
            if (!captured.ToServer || !PacketHeader.TryRead(captured.Span, 8, out var header) ||
                header.Type != PacketType.Initial)
                continue;
            _hasVersionNegotiation = true;
            byte[] forged =
            [
                0xc0, 0, 0, 0, 0, (byte)header.SourceId.Length, .. header.SourceId,
                (byte)header.DestinationId.Length, .. header.DestinationId, 0, 0, 0, 9,
            ];
            Wire.Inject(toServer: false, path, forged, Elapsed);
            return;
        }
    }
}
