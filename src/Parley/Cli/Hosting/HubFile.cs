using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli.Hosting;

/// <summary><c>hub.json</c> in the data folder: where a running hub is. Written when it is ready, removed when it stops.</summary>
/// <param name="Pid">The hub's process.</param>
/// <param name="Http">Where HTTP is spoken on this machine, with the port that was picked.</param>
/// <param name="Grpc">Where gRPC is spoken; the same with TLS.</param>
/// <param name="Public">The address of <c>--public-url</c>.</param>
/// <param name="Ssh">The SSH address; null while the hub has none.</param>
/// <param name="StartedAt">Since when.</param>
/// <param name="Pin">The key of a certificate that the hub made itself, so that commands on this machine know it.</param>
internal sealed record HubFile(
    int Pid,
    string Http,
    string Grpc,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Public,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Ssh,
    DateTimeOffset StartedAt,
    string? Pin)
{
    /// <summary>The file's name.</summary>
    public const string Name = "hub.json";

    /// <summary>Reads the file of a data folder.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.HubUnreachable"/>: no hub runs there; <see cref="ErrorCode.IntegrityFailed"/>: the file is damaged.</exception>
    public static HubFile Read(string dataFolder)
    {
        var path = Path.Combine(dataFolder, Name);
        if (!File.Exists(path))
        {
            throw new ParleyException(ErrorCode.HubUnreachable, $"No hub runs on the data folder {dataFolder}: it has no {Name}.");
        }

        try
        {
            return Parse(SecretFile.Read(path));
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} is damaged: start the hub again.", exception);
        }
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="JsonException">They are damaged.</exception>
    public static HubFile Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, CliJson.Default.HubFile) is { } file && IsAddress(file.Http) && IsAddress(file.Grpc) ? file : throw new JsonException();

    /// <summary>Writes the file.</summary>
    public void Write(string dataFolder) => SecretFile.Write(Path.Combine(dataFolder, Name), JsonSerializer.SerializeToUtf8Bytes(this, CliJson.Default.HubFile));

    /// <summary>Removes the file.</summary>
    public static void Remove(string dataFolder) => File.Delete(Path.Combine(dataFolder, Name));

    private static bool IsAddress(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https");
}
