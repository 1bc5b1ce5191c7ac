using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Config;

/// <summary>The hub that this home joined, and as whom; kept as <c>profile.json</c> (mode 0600).</summary>
/// <param name="Agent">The address that the hub gave this agent.</param>
/// <param name="HubId">The hub's id, which the link proof names.</param>
/// <param name="Http">Where the hub speaks HTTP/1.1 and WebSocket.</param>
/// <param name="Grpc">Where the hub speaks gRPC.</param>
/// <param name="Pin">The hub's key when it made its own certificate; null = ordinary validation.</param>
/// <param name="AllowInsecure">Whether <c>--insecure-http</c> was given at the join: plain HTTP to another machine is then accepted.</param>
/// <param name="JoinedAt">When.</param>
public sealed record HubProfile(AgentAddress Agent, string HubId, Uri Http, Uri Grpc, SpkiPin? Pin, bool AllowInsecure, DateTimeOffset JoinedAt)
{
    internal const string FileName = "profile.json";

    internal const string NotJoinedText = "This home has not joined a hub. Ask an admin for a join string, then run: parley join JOIN_STRING";

    /// <summary>Reads the home's profile.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotJoined"/>; <see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.FileDamaged"/>.</exception>
    public static HubProfile Load(HomeFolder home) => TryLoad(home) ?? throw new ParleyException(ErrorCode.NotJoined, NotJoinedText);

    /// <summary>Reads the home's profile; null when the home has not joined.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.FileDamaged"/>.</exception>
    public static HubProfile? TryLoad(HomeFolder home) => home.ReadSecret(FileName) is { } json ? Read(json) : null;

    /// <summary>Keeps the address that the hub's welcome told: an admin may have renamed this agent.</summary>
    /// <returns>The profile as it is from now on.</returns>
    public HubProfile Learn(HomeFolder home, string address)
    {
        if (!AgentAddress.TryParse(address, out var current) || current == Agent)
        {
            return this;
        }

        var renamed = this with { Agent = current };
        renamed.Save(home);
        return renamed;
    }

    /// <summary>Writes the profile.</summary>
    public void Save(HomeFolder home)
    {
        var file = new HubProfileFile(
            Agent.ToString(), HubId, Http.ToString(), Grpc.ToString(), Pin?.Value, AllowInsecure ? true : null, JoinedAt.ToUniversalTime());
        home.WriteSecret(FileName, JsonSerializer.SerializeToUtf8Bytes(file, ConfigJson.Default.HubProfileFile));
    }

    /// <summary>Reads the file's bytes.</summary>
    internal static HubProfile Read(ReadOnlySpan<byte> json)
    {
        var file = ConfigJson.Read(json, ConfigJson.Default.HubProfileFile, FileName);
        SpkiPin? pin = null;
        if (file.Pin is not null)
        {
            pin = SpkiPin.TryParse(file.Pin, out var parsed) ? parsed : throw Damaged();
        }

        return AgentAddress.TryParse(file.Agent, out var agent) && file.HubId.Length > 0 &&
            Uri.TryCreate(file.Http, UriKind.Absolute, out var http) && Uri.TryCreate(file.Grpc, UriKind.Absolute, out var grpc)
            ? new HubProfile(agent, file.HubId, http, grpc, pin, file.InsecureHttp ?? false, file.JoinedAt)
            : throw Damaged();
    }

    private static ParleyException Damaged() => new(ErrorCode.FileDamaged, $"The file {FileName} is damaged.");
}

/// <summary>Layout of <c>profile.json</c>.</summary>
internal sealed record HubProfileFile(
    [property: JsonRequired] string Agent,
    [property: JsonRequired] string HubId,
    [property: JsonRequired] string Http,
    [property: JsonRequired] string Grpc,
    string? Pin,
    bool? InsecureHttp,
    [property: JsonRequired] DateTimeOffset JoinedAt);
