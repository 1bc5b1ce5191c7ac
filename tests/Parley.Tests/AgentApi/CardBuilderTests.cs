using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Gateway.Cards;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Testing;

namespace Parley.Tests.AgentApi;

public sealed class CardBuilderTests
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.3")]
    [InlineData(null)]
    public void The_card_that_the_hub_makes_is_the_golden_file(string? version)
    {
        var card = Build(null, isDefault: false, isExtended: false, ListenerCapabilities.Program);

        Golden.Verify($"hub-card-{version ?? "blended"}", JsonNode.Parse(CardForm.Write(card, version).Span)!.ToJsonString(_indented) + "\n");
    }

    [Fact]
    public void The_seeds_form_of_it_is_the_golden_file() =>
        Golden.Verify("hub-card-seed", Encoding.UTF8.GetString(SeedCard.Write(Build(null, isDefault: false, isExtended: false), "https://hub.example/ann.echo/a2a", ["search"]).Span) + "\n");

    [Theory]
    [InlineData(ListenerCapabilities.Program, "answered by a program")]
    [InlineData(ListenerCapabilities.Model, "answered by a language model")]
    [InlineData(ListenerCapabilities.Service, "answered by a web service")]
    [InlineData("unheard-of", "read by whoever runs the agent")]
    public void Who_answers_is_said(string capability, string expected) =>
        Assert.Contains(expected, Build(null, isDefault: false, isExtended: false, capability).Description, StringComparison.Ordinal);

    [Fact]
    public void What_the_agent_said_goes_before_what_the_hub_would_say_and_addresses_stay_the_hubs()
    {
        var said = UploadedCard.Read("""{"description":"Mine.","version":"3","defaultInputModes":["image/png"],"skills":[{"id":"a","name":"A","description":"Does a."}]}"""u8).Card;

        var card = Build(said, isDefault: false, isExtended: false);

        Assert.Equal(("echo", "Mine.", "3", "image/png", "a"), (card.Name, card.Description, card.Version, card.DefaultInputModes.Single(), card.Skills.Single().Id));
        Assert.All(card.SupportedInterfaces, one => Assert.Contains("hub.example", one.Url, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_verifier_agrees_about_a_card_that_the_hub_made(bool isExtended) =>
        Assert.True(CardSignature.IsPortable(Build(null, isDefault: true, isExtended, ListenerCapabilities.Program)));

    [Fact]
    public void Only_the_default_agent_is_reached_by_gRPC_of_0_3_which_names_nobody()
    {
        var others = Build(null, isDefault: false, isExtended: false).SupportedInterfaces.Where(one => one.ProtocolBinding == "GRPC");
        var ones = Build(null, isDefault: true, isExtended: false).SupportedInterfaces.Where(one => one.ProtocolBinding == "GRPC");

        Assert.Equal([("1.0", "ann.echo")], others.Select(one => (one.ProtocolVersion, one.Tenant)));
        Assert.Equal([("1.0", "ann.echo"), ("0.3", string.Empty)], ones.Select(one => (one.ProtocolVersion, one.Tenant)));
    }

    private static AgentCard Build(AgentCard? said, bool isDefault, bool isExtended, params string[] capabilities)
    {
        var labels = new Dictionary<string, string> { ["role"] = "build", ["os"] = "linux" };
        var agent = new Agent(
            1, new AgentAddress("ann", "echo"), new byte[32], [], [], [], labels, new Dictionary<string, string>(), AgentVisibility.Owner, "t", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        return CardBuilder.Build(agent, said, capabilities.ToHashSet(), new Uri("https://hub.example/agents/ann.echo"), new Uri("https://hub.example:7421"), isDefault, isExtended);
    }
}
