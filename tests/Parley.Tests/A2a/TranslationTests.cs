using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Tests.A2a;

public sealed class TranslationTests
{
    private const int Seed = 52_000;

    private readonly Losses _losses = new();

    [Fact]
    public void Any_task_survives_the_way_to_0_3_and_back() =>
        Fuzz.Run(Seed, Fuzz.Count, RandomMessages.Task, task =>
        {
            var losses = new Losses();

            Assert.Equal(task, TaskTranslation.ToV1(TaskTranslation.ToV03(task, losses), losses));

            Assert.Empty(losses.Items);
        });

    [Fact]
    public void A_task_survives_the_wire_of_0_3_too()
    {
        var old = TaskTranslation.ToV03(Samples.Task, _losses);

        var read = JsonDialect.Kind.Parse<V03.Task>(JsonDialect.Kind.ToBytes(old).Span, JsonLimits.Default);

        Assert.Equal(Samples.Task, TaskTranslation.ToV1(read, _losses));
    }

    [Theory]
    [InlineData(TaskState.Completed, true)]
    [InlineData(TaskState.Canceled, true)]
    [InlineData(TaskState.InputRequired, true)]
    [InlineData(TaskState.AuthRequired, false)]
    [InlineData(TaskState.Working, false)]
    public void A_status_that_closes_streams_is_final_in_0_3(TaskState state, bool isFinal)
    {
        var update = new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { Status = new V1.TaskStatus { State = state } } };

        Assert.Equal(isFinal, TaskTranslation.ToV03(update, _losses).StatusUpdate.Final);
    }

    [Fact]
    public void Who_does_not_ask_to_wait_in_0_3_does_not_wait_in_1_0()
    {
        Assert.True(RequestTranslation.ToV1(new V03.SendMessageRequest(), _losses).Configuration.ReturnImmediately);
        Assert.False(RequestTranslation.ToV1(new V03.SendMessageRequest { Configuration = new V03.SendMessageConfiguration { Blocking = true } }, _losses).Configuration.ReturnImmediately);
    }

    [Fact]
    public void Who_says_nothing_about_waiting_in_1_0_waits_in_0_3() =>
        Assert.True(RequestTranslation.ToV03(new SendMessageRequest(), _losses).Configuration.Blocking);

    [Fact]
    public void A_send_says_that_its_tenant_was_lost()
    {
        var back = RequestTranslation.ToV1(RequestTranslation.ToV03(Samples.Send, _losses), _losses);

        var expected = Samples.Send;
        expected.Tenant = string.Empty;
        expected.Configuration.TaskPushNotificationConfig.Tenant = string.Empty;
        expected.Configuration.TaskPushNotificationConfig.TaskId = string.Empty;
        Assert.Equal(expected, back);
        Assert.Equal(["tenant"], _losses.Items);
    }

    [Fact]
    public void Data_that_is_no_object_is_wrapped_and_marked()
    {
        var old = PartTranslation.ToV03(new Part { Data = Value.ForNumber(5) }, _losses);

        Assert.Equal(5, old.Data.Data.Fields["value"].NumberValue);
        Assert.True(old.Metadata.Fields["data_part_compat"].BoolValue);
        Assert.Equal(new Part { Data = Value.ForNumber(5) }, PartTranslation.ToV1(old, _losses));
    }

    [Fact]
    public void Only_the_first_of_several_push_schemes_remains_and_that_is_said()
    {
        var config = new V03.PushNotificationConfig { Authentication = new V03.AuthenticationInfo { Schemes = { "Bearer", "Basic" } } };

        Assert.Equal("Bearer", RequestTranslation.ToV1("t", config, _losses).Authentication.Scheme);
        Assert.Single(_losses.Items);
    }

    [Fact]
    public void Push_configs_are_named_by_paths_on_gRPC_of_0_3()
    {
        var named = RequestTranslation.ToNamed(Samples.PushConfig, _losses);

        var expected = Samples.PushConfig;
        expected.Tenant = string.Empty;
        Assert.Equal("tasks/t-1/pushNotificationConfigs/p-1", named.Name);
        Assert.Equal(expected, RequestTranslation.ToV1(named, _losses));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tasks/")]
    [InlineData("task/1")]
    [InlineData("tasks/1/2")]
    [InlineData("tasks/1/pushNotificationConfigs/2/3")]
    public void Other_paths_are_refused(string name)
    {
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => ResourceName.ReadTask(name)).Code);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => ResourceName.ReadConfig(name)).Code);
    }

    [Fact]
    public void A_card_is_translated_as_the_golden_file_has_it()
    {
        var old = CardTranslation.ToV03(Samples.Card, _losses);
        var back = CardTranslation.ToV1(old, _losses);

        Golden.Verify("a2a-card-translation", $"{Text(JsonDialect.Kind.ToBytes(old))}\n{Text(JsonDialect.V1.ToBytes(back))}\nlost: {string.Join(", ", _losses.Items)}\n");
    }

    [Fact]
    public void Several_flows_of_a_0_3_scheme_leave_the_first_and_that_is_said()
    {
        var card = JsonDialect.Kind.Parse<V03.AgentCard>(
            """{"url":"https://a.example","securitySchemes":{"o":{"type":"oauth2","flows":{"authorizationCode":{"tokenUrl":"t"},"clientCredentials":{"tokenUrl":"u"}}}}}"""u8,
            JsonLimits.Default);

        var flows = CardTranslation.ToV1(card, _losses).SecuritySchemes["o"].Oauth2SecurityScheme.Flows;

        Assert.Equal(("t", OAuthFlows.FlowOneofCase.AuthorizationCode), (flows.AuthorizationCode.TokenUrl, flows.FlowCase));
        Assert.Single(_losses.Items);
    }

    [Fact]
    public void A_0_3_card_without_a_transport_speaks_JSON_RPC() =>
        Assert.Equal(
            new AgentInterface { Url = "https://a.example", ProtocolBinding = "JSONRPC", ProtocolVersion = "0.3" },
            Assert.Single(CardTranslation.ToV1(new V03.AgentCard { Url = "https://a.example" }, _losses).SupportedInterfaces));

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
