using System.Text;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.A2a;
using Parley.Testing.Faults;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>Requests that no HTTP client would send.</summary>
public sealed class RawRequestTests
{
    private const string Send = """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x"}]}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/agents/bob/message:send")]
    [InlineData("/agents/bob")]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    public async Task A_body_that_comes_a_byte_at_a_time_is_given_up(string path)
    {
        await using var stage = await StartAsync();
        using var client = await ConnectAsync(stage);
        await client.SendAsync(Head(stage, path, 1000, string.Empty), Stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var dripping = client.DripAsync((byte)'{', ending.Token);

        var answer = await client.ReadToEndAsync(Deadline.Shared, Stop);
        await ending.CancelAsync();
        await dripping;

        Assert.Contains("came too slowly", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extension_whose_name_no_header_can_carry_is_not_said_to_be_in_force_and_the_others_are()
    {
        await using var stage = await StartAsync();
        string[] declared = ["https://example.org/z\u00fcrich", "https://example.org/plain"];
        var card = new AgentCard { Name = "bob", Capabilities = new AgentCapabilities { Extensions = { declared.Select(uri => new AgentExtension { Uri = uri }) } } };
        stage.Cards.Add(new AgentAddress("acme", "bob"), card);
        using var client = await ConnectAsync(stage);

        await client.SendAsync(Head(stage, "/agents/bob/message:send", Send.Length, $"A2A-Extensions: {string.Join(", ", declared)}\r\nConnection: close\r\n"), Stop);
        await client.SendAsync(Encoding.UTF8.GetBytes(Send), Stop);
        var answer = await client.ReadToEndAsync(Deadline.Shared, Stop);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("A2A-Extensions: https://example.org/plain\r\n", answer, StringComparison.Ordinal);
    }

    private static async Task<DoorStage> StartAsync()
    {
        var stage = await DoorStage.StartAsync(options => options.Doors.BodyGrace = TimeSpan.FromSeconds(2));
        stage.Operations.Answer = _ => new SendMessageResponse { Task = A2aSamples.Task() };
        return stage;
    }

    private static byte[] Head(DoorStage stage, string path, int length, string more) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {stage.Http.BaseAddress!.Authority}\r\nAuthorization: {stage.Http.DefaultRequestHeaders.Authorization}\r\n" +
        $"Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n");

    private static Task<RawConnection> ConnectAsync(DoorStage stage) => RawConnection.OpenAsync(stage.Http.BaseAddress!, Stop);
}
