using System.CommandLine;
using MqttScion.QuicPerf;

var root = new RootCommand(
    """
    Measures MqttScion.Quic over plain UDP, against itself or another implementation.

    What both sides say on a stream is told in tests/interop/main.go. Results go to the standard output.
    """)
{
    CertsCommand.Create(),
    ServerCommand.Create(),
    ClientCommand.Create(),
    RelayCommand.Create(),
    CompareCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
