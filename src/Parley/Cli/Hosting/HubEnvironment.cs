using System.Globalization;
using Parley.Protocol.Errors;

namespace Parley.Cli.Hosting;

/// <summary>The environment names of the room server that this hub replaces, mapped here and nowhere else; options win over them.</summary>
/// <remarks><c>PORT</c> was the port of that server's SSH door, so it says nothing about the ports here.</remarks>
/// <param name="HttpPort"><c>HTTP_PORT</c>: the port of HTTP.</param>
/// <param name="DataFolder"><c>DB_PATH</c>: the folder that takes the place of that database file, named as the file without its ending.</param>
/// <param name="IsMemoryOnly"><c>DB_PATH=:memory:</c>: nothing outlives the process but the hub's keys.</param>
/// <param name="PublicHost"><c>PUBLIC_HOST</c>: the host name that agents are told.</param>
/// <param name="Telemetry">The <c>OTEL_*</c> variables, which are everybody's.</param>
internal sealed record HubEnvironment(int? HttpPort, string? DataFolder, bool IsMemoryOnly, string? PublicHost, OtlpEnvironment Telemetry)
{
    private const string Memory = ":memory:";

    /// <summary>No variable is set.</summary>
    public static HubEnvironment None { get; } = new(null, null, false, null, OtlpEnvironment.None);

    /// <summary>Reads the variables.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a value breaks its rule.</exception>
    public static HubEnvironment Read(Func<string, string?> environment)
    {
        var database = NullIfEmpty(environment("DB_PATH"));
        return new HubEnvironment(
            ReadPort(NullIfEmpty(environment("HTTP_PORT"))),
            database is null or Memory ? null : Path.ChangeExtension(database, null),
            database == Memory,
            ReadHost(NullIfEmpty(environment("PUBLIC_HOST"))),
            OtlpEnvironment.Read(environment));
    }

    private static int? ReadPort(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw new ParleyException(ErrorCode.InvalidArgument, "HTTP_PORT is a port, 0 to 65535.");
    }

    private static string? ReadHost(string? text) =>
        text is null || Uri.CheckHostName(text) is not (UriHostNameType.Unknown or UriHostNameType.Basic)
            ? text
            : throw new ParleyException(ErrorCode.InvalidArgument, "PUBLIC_HOST is a host name or an IP address.");

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
