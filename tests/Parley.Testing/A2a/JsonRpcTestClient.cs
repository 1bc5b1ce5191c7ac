using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;
using Xunit;

namespace Parley.Testing.A2a;

/// <summary>JSON-RPC.</summary>
/// <param name="http">The hub and the key.</param>
/// <param name="version">The version.</param>
/// <param name="path">The address of the agent, or the shared one.</param>
internal sealed class JsonRpcTestClient(HttpClient http, A2aVersion version, string path)
    : HttpTestClient(http, version, version == A2aVersion.V1 ? JsonDialect.V1 : JsonDialect.Kind)
{
    /// <inheritdoc/>
    public override void AssertRefused(ErrorCode expected, A2aRefused seen)
    {
        Assert.Equal(A2aErrorRow.Of(expected).JsonRpc, seen.Code);
        Assert.Equal(A2aErrorRow.Of(expected).Reason, seen.Reason);
    }

    /// <inheritdoc/>
    protected override HttpRequestMessage Request(A2aOperation operation, IMessage request)
    {
        var method = A2aMethods.All.Single(row => row.Operation == operation);
        var name = Version == A2aVersion.V1 ? method.V1 : method.V03;
        var json = $$"""{"jsonrpc":"2.0","id":"call-1","method":"{{name}}","params":{{Encoding.UTF8.GetString(Write(request).Span)}}}""";
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
    }

    /// <inheritdoc/>
    protected override ReadOnlyMemory<byte> Content(string text)
    {
        using var document = JsonDocument.Parse(text);
        Assert.Equal("call-1", document.RootElement.GetProperty("id").GetString());
        Assert.Equal("2.0", document.RootElement.GetProperty("jsonrpc").GetString());
        return Encoding.UTF8.GetBytes(document.RootElement.GetProperty("result").GetRawText());
    }

    /// <inheritdoc/>
    protected override bool IsRefused(HttpResponseMessage response, string text) => RefusalOf(string.Empty, text) is not null;

    /// <inheritdoc/>
    protected override JsonElement? RefusalOf(string eventType, string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.TryGetProperty("error", out var error) ? error.Clone() : null;
    }
}
