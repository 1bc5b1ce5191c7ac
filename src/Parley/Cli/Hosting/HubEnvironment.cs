using System.Globalization;
using Parley.Hub.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Cli.Hosting;

/// <summary>The environment names of the room server that this hub replaces, mapped here and nowhere else; options win over them.</summary>
/// <remarks><c>PORT</c> was the port of that server's SSH door, so it says nothing about the ports here. <c>NODE_ENV</c> counts where it changed what that server did.</remarks>
/// <param name="HttpPort"><c>HTTP_PORT</c>: the port of HTTP.</param>
/// <param name="DataFolder"><c>DB_PATH</c>: the folder that takes the place of that database file, named as the file without its ending.</param>
/// <param name="IsMemoryOnly"><c>DB_PATH=:memory:</c>: nothing outlives the process but the hub's keys.</param>
/// <param name="PublicHost"><c>PUBLIC_HOST</c>: the host name that agents are told.</param>
/// <param name="IsTest"><c>NODE_ENV=test</c>: every rate of rooms is 1,000; so it is with <c>DB_PATH=:memory:</c>.</param>
/// <param name="IsSilent"><c>NODE_ENV=production</c>: nothing is logged, unless <c>PARLEY_LOG</c> asks for it.</param>
/// <param name="AdminToken"><c>ADMIN_TOKEN</c>: opens <c>/admin/...</c> of rooms beside the admin key.</param>
/// <param name="Telemetry">The <c>OTEL_*</c> variables, which are everybody's.</param>
internal sealed record HubEnvironment(
    int? HttpPort, string? DataFolder, bool IsMemoryOnly, string? PublicHost, OtlpEnvironment Telemetry, bool IsTest = false, bool IsSilent = false, string? AdminToken = null)
{
    private const int TestRate = 1000;
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
            OtlpEnvironment.Read(environment),
            environment("NODE_ENV") == "test" || database == Memory,
            environment("NODE_ENV") == "production",
            NullIfEmpty(environment("ADMIN_TOKEN")));
    }

    /// <summary>Sets what concerns rooms.</summary>
    public void Apply(RoomOptions rooms)
    {
        rooms.AdminToken = AdminToken;
        if (IsTest)
        {
            (rooms.RegistrationsPerHour, rooms.RoomsPerHour, rooms.JoinsPerHour, rooms.CallsPerMinute) = (TestRate, TestRate, TestRate, TestRate);
        }
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
