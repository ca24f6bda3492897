// The idea: QUIC over SCION without MQTT. One process sends a file, another takes it and answers with its SHA-256.
using System.Security.Cryptography;
using MqttScion;
using MqttScion.Samples.TransportOnly;

return await new TransferCommand(ReceiveAsync, SendAsync).RunAsync(args);

static async Task<bool> ReceiveAsync(Transfer transfer, CancellationToken cancellation)
{
    var options = new ScionQuicListenerOptions { Listen = transfer.Address, ApplicationProtocol = "file" };
    transfer.Fill(options.Tls);
    await using var listener = ScionQuicListener.Start(options);
    Console.WriteLine($"listening on {listener.LocalEndPoint}");

    await using var connection = await listener.AcceptConnectionAsync(cancellation);
    await using var stream = await connection.AcceptStreamAsync(cancellation);
    await using var file = transfer.File.Create();
    await stream.CopyToAsync(file, cancellation); // Up to the sender's end: a part of a file would be an exception.
    file.Position = 0;
    var hash = await SHA256.HashDataAsync(file, cancellation);
    Console.WriteLine($"received {file.Length} bytes, SHA-256 {Convert.ToHexStringLower(hash)}");
    await stream.WriteAsync(hash, cancellation);
    stream.CompleteWrites();
    return true;
}

static async Task<bool> SendAsync(Transfer transfer, CancellationToken cancellation)
{
    var options = new ScionQuicConnectionOptions { Server = transfer.Address, ApplicationProtocol = "file" };
    options.Scion.EndhostApi = transfer.EndhostApi; // Who knows the SCION paths to the receiver.
    transfer.Fill(options.Tls);
    await using var connection = await ScionQuicConnection.ConnectAsync(options, cancellationToken: cancellation);
    Console.WriteLine($"path {connection.Path}");

    await using var stream = await connection.OpenStreamAsync(cancellationToken: cancellation);
    await using var file = transfer.File.OpenRead();
    await file.CopyToAsync(stream, cancellation); // What the receiver does not take yet makes this wait.
    stream.CompleteWrites();
    var there = new byte[SHA256.HashSizeInBytes];
    await stream.ReadExactlyAsync(there, cancellation);
    file.Position = 0;
    var here = await SHA256.HashDataAsync(file, cancellation);
    var isSame = there.SequenceEqual(here);
    Console.WriteLine($"sent {(isSame ? file.Length : 0)} of {file.Length}");
    return isSame;
}
