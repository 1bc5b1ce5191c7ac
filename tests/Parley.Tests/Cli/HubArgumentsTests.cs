using Parley.Cli.Hosting;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Tests.Cli;

public sealed class HubArgumentsTests
{
    [Fact]
    public void Nothing_given_is_this_machine_alone_on_the_usual_ports()
    {
        var options = Read(new HubArguments());

        Assert.Equal("http://127.0.0.1:7420/", options.Http.ToString());
        Assert.Equal("http://127.0.0.1:7421/", options.Grpc!.ToString());
        Assert.Equal("/data/usual", options.DataFolder);
        Assert.Equal(Durability.Full, options.Durability);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9000", 9001)]
    [InlineData("http://127.0.0.1:0", 0)]
    public void Grpc_takes_the_next_port_and_any_when_http_takes_any(string listen, int grpcPort)
    {
        var options = Read(new HubArguments { Listen = [listen] });

        Assert.Equal(grpcPort, options.Grpc!.Port);
    }

    [Fact]
    public void With_TLS_one_https_port_serves_both()
    {
        var options = Read(new HubArguments { Tls = "self" });

        Assert.Equal("https://127.0.0.1:7420/", options.Http.ToString());
        Assert.Null(options.Grpc);
    }

    [Fact]
    public void Further_addresses_are_listened_on_beside_the_first()
    {
        var options = Read(new HubArguments { Listen = ["http://127.0.0.1:9000", "http://[::1]:9000"] });

        Assert.Equal("http://127.0.0.1:9000/", options.Http.ToString());
        Assert.Equal(["http://[::1]:9000/"], options.FurtherHttp.Select(address => address.ToString()));
        Assert.Equal("http://127.0.0.1:9001/", options.Grpc!.ToString());
    }

    public static TheoryData<string> WrongOnes => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(WrongOnes))]
    public void An_option_that_breaks_its_rule_is_a_usage_error(string name)
    {
        var refusal = Assert.Throws<ParleyException>(() => Read(Wrong[name]));

        Assert.Equal(2, refusal.Row.Exit);
    }

    [Fact]
    public void The_older_environment_names_count_where_no_option_is_given()
    {
        var environment = Environment(("HTTP_PORT", "8443"), ("DB_PATH", "/srv/linker.db"), ("PUBLIC_HOST", "hub.example.org"));

        var options = new HubArguments { Tls = "self" }.ToOptions(environment, "/data/usual");

        Assert.Equal("https://127.0.0.1:8443/", options.Http.ToString());
        Assert.Equal("https://hub.example.org:8443/", options.PublicUrl!.ToString());
        Assert.Equal("/srv/linker", options.DataFolder);
    }

    [Fact]
    public void An_option_wins_over_the_environment()
    {
        var environment = Environment(("HTTP_PORT", "8443"), ("DB_PATH", "/srv/linker.db"));

        var options = new HubArguments { Listen = ["http://127.0.0.1:9000"], Data = "/data" }.ToOptions(environment, "/data/usual");

        Assert.Equal(9000, options.Http.Port);
        Assert.Equal("/data", options.DataFolder);
    }

    [Fact]
    public void A_database_in_memory_keeps_the_usual_folder_for_the_keys()
    {
        var options = new HubArguments().ToOptions(Environment(("DB_PATH", ":memory:")), "/data/usual");

        Assert.Equal(Durability.Memory, options.Durability);
        Assert.Equal("/data/usual", options.DataFolder);
    }

    [Fact]
    public void An_admin_token_of_the_environment_opens_the_admin_routes_of_rooms() =>
        Assert.Equal("secret", new HubArguments().ToOptions(Environment(("ADMIN_TOKEN", "secret")), "/data/usual").Rooms.AdminToken);

    [Theory]
    [InlineData("NODE_ENV", "test", 1000)]
    [InlineData("DB_PATH", ":memory:", 1000)]
    [InlineData("NODE_ENV", "production", 10)]
    public void Tests_of_older_deployments_get_larger_rates(string name, string value, int registrations) =>
        Assert.Equal(registrations, new HubArguments().ToOptions(Environment((name, value)), "/data/usual").Rooms.RegistrationsPerHour);

    [Fact]
    public void Rates_of_rooms_are_counted_unless_a_load_test_says_otherwise()
    {
        Assert.True(Read(new HubArguments()).Rooms.AreRatesLimited);
        Assert.False(Read(new HubArguments { AreRoomRatesLifted = true }).Rooms.AreRatesLimited);
    }

    [Theory]
    [InlineData("HTTP_PORT", "70000")]
    [InlineData("HTTP_PORT", "http")]
    [InlineData("PUBLIC_HOST", "a host")]
    public void A_variable_that_breaks_its_rule_is_named(string name, string value)
    {
        var refusal = Assert.Throws<ParleyException>(() => Environment((name, value)));

        Assert.Contains(name, refusal.Message);
    }

    [Fact]
    public void Nothing_is_exported_unless_an_option_or_a_variable_names_a_collector()
    {
        Assert.Null(Read(new HubArguments()).Otlp);
        Assert.NotNull(new HubArguments().ToOptions(Environment(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:4318")), "/data/usual").Otlp);
        Assert.Null(new HubArguments { Otlp = "http://127.0.0.1:4318" }.ToOptions(Environment(("OTEL_SDK_DISABLED", "true")), "/data/usual").Otlp);
    }

    [Fact]
    public void A_collector_given_as_an_option_is_spoken_to_over_HTTP()
    {
        var environment = Environment(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));

        Assert.True(new HubArguments().ToOptions(environment, "/data/usual").Otlp!.IsGrpc);
        Assert.False(new HubArguments { Otlp = "http://127.0.0.1:4318" }.ToOptions(environment, "/data/usual").Otlp!.IsGrpc);
    }

    private static Dictionary<string, HubArguments> Wrong { get; } = new()
    {
        ["https without a certificate"] = new() { Listen = ["https://127.0.0.1:1"] },
        ["http with one"] = new() { Listen = ["http://127.0.0.1:1"], Tls = "self" },
        ["gRPC of its own with one"] = new() { Grpc = "http://127.0.0.1:1", Tls = "self" },
        ["a second address with https and no certificate"] = new() { Listen = ["http://127.0.0.1:1", "https://127.0.0.1:2"] },
        ["the same address twice"] = new() { Listen = ["http://127.0.0.1:1", "http://127.0.0.1:1"] },
        ["an address that is gRPC's"] = new() { Listen = ["http://127.0.0.1:1", "http://127.0.0.1:2"] },
        ["a path"] = new() { Listen = ["http://127.0.0.1:1/hub"] },
        ["no address"] = new() { Listen = ["7420"] },
        ["another scheme"] = new() { PublicUrl = "ftp://example.org" },
        ["half a certificate"] = new() { Tls = "cert.pem" },
        ["a log mode of no name"] = new() { MessageLog = "1" },
        ["a log mode unknown"] = new() { MessageLog = "some" },
        ["a durability that is for tests"] = new() { Durability = "memory" },
        ["a negative rate"] = new() { PairRate = -1 },
        ["a limit outside its range"] = new() { Limits = ["hop-limit=65"] },
        ["a collector with credentials"] = new() { Otlp = "http://user:secret@127.0.0.1:4318" },
    };

    private static Parley.Hub.HubOptions Read(HubArguments arguments) => arguments.ToOptions(HubEnvironment.None, "/data/usual");

    private static HubEnvironment Environment(params (string Name, string Value)[] variables) =>
        HubEnvironment.Read(name => Array.Find(variables, variable => variable.Name == name).Value);
}
