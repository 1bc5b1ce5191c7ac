using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.A2a;

public sealed class A2aNegotiationTests
{
    [Theory]
    [InlineData("1.0", "anything", A2aVersion.V1)]
    [InlineData("1.0.1", "anything", A2aVersion.V1)]
    [InlineData(" 0.3 ", "SendMessage", A2aVersion.V03)]
    [InlineData("0.3.0", "SendMessage", A2aVersion.V03)]
    [InlineData(null, "SendMessage", A2aVersion.V1)]
    [InlineData("", "message/send", A2aVersion.V03)]
    [InlineData(null, "message", A2aVersion.Seed)]
    public void The_header_decides_and_without_one_the_methods_name(string? header, string method, A2aVersion expected) =>
        Assert.Equal(expected, A2aNegotiation.OfCall(header, method));

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    [InlineData("one")]
    [InlineData("1.0.0.0")]
    public void Another_version_is_refused(string header) =>
        Assert.Equal(ErrorCode.ProtocolVersion, Assert.Throws<ParleyException>(() => A2aNegotiation.OfHeader(header)).Code);

    [Fact]
    public void Every_method_leads_to_its_operation()
    {
        Assert.All(A2aMethods.All, method => Assert.Equal(method.Operation, A2aMethods.Find(A2aVersion.V1, method.V1!)));
        Assert.All(A2aMethods.All, method => Assert.Equal(method.Operation, A2aMethods.Find(A2aVersion.V03, method.V03!)));
        Assert.Equal(A2aOperation.ListPushConfigs, A2aMethods.Find(A2aVersion.V1, "ListTaskPushNotificationConfig"));
        Assert.Equal(A2aOperation.SeedMessage, A2aMethods.Find(A2aVersion.Seed, "message"));
        Assert.Null(A2aMethods.Find(A2aVersion.V1, "message/send"));
        Assert.Null(A2aMethods.Find(A2aVersion.V03, "SendMessage"));
    }

    [Fact]
    public void Every_method_of_the_services_is_in_the_table()
    {
        Assert.Equal(A2aMethods.V1Service, A2AV1Reflection.Descriptor.Services[0].FullName);
        Assert.Equal(A2aMethods.V03Service, V03.A2AV03Reflection.Descriptor.Services[0].FullName);
        Assert.All(A2AV1Reflection.Descriptor.Services[0].Methods, method => Assert.NotNull(A2aMethods.FindGrpc(A2aVersion.V1, method.Name)));
        Assert.All(V03.A2AV03Reflection.Descriptor.Services[0].Methods, method => Assert.NotNull(A2aMethods.FindGrpc(A2aVersion.V03, method.Name)));
    }

    [Fact]
    public void A_required_extension_must_be_named()
    {
        var card = Samples.Card;

        Assert.Equal(ErrorCode.ExtensionRequired, Assert.Throws<ParleyException>(() => A2aNegotiation.Activate(card, A2aNegotiation.Extensions([null, "x, y"]))).Code);
        Assert.Equal(["https://extensions.example/one"], A2aNegotiation.Activate(card, A2aNegotiation.Extensions(["x,https://extensions.example/one"])));
    }
}
